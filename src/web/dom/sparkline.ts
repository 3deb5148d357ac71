const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 80;
const HEIGHT = 16;

/** A small line of the latest values, for the eye only: the number stands beside it. */
export class Sparkline {
  readonly element = document.createElementNS(SVG, 'svg');
  private readonly line = document.createElementNS(SVG, 'polyline');

  constructor() {
    this.element.setAttribute('class', 'spark');
    this.element.setAttribute('viewBox', `0 -1 ${WIDTH} ${HEIGHT + 2}`);
    // It is as wide as its place.
    this.element.setAttribute('preserveAspectRatio', 'none');
    this.element.setAttribute('aria-hidden', 'true');
    this.element.append(this.line);
  }

  /** @param room the number of values that fill the line; the newest is at its right end */
  draw(values: readonly number[], room: number): void {
    const most = Math.max(...values, 1);
    const from = room - values.length;
    const points = values.map((value, i) => {
      const x = ((from + i) * WIDTH) / Math.max(1, room - 1);
      return `${x.toFixed(1)},${(HEIGHT - (value * HEIGHT) / most).toFixed(1)}`;
    });
    this.line.setAttribute('points', points.join(' '));
  }
}
