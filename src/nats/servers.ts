/** Servers for the client, which does not read user names and passwords in URLs. */
export interface Servers {
  readonly servers: string[];
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
}

/** Moves what is before an @ into options: `user:password`, or a token. All servers share one account, so the last URL with one counts. */
export function splitServers(urls: readonly string[]): Servers {
  let account: Omit<Servers, 'servers'> = {};
  const servers = urls.map((text) => {
    const url = new URL(/^[a-z]+:\/\//i.test(text) ? text : `nats://${text}`);
    const [user, pass] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
    if (user !== '') account = pass === '' ? { token: user } : { user, pass };
    url.username = '';
    url.password = '';
    return url.href.replace(/\/$/, '');
  });
  return { servers, ...account };
}
