/** The value below which this share of all lies. */
function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

function median(values) {
  return percentile(values, 0.5);
}

/** The median with how far the others lie from it. */
function spread(values) {
  return { median: median(values), smallest: Math.min(...values), largest: Math.max(...values) };
}

module.exports = { median, percentile, spread };
