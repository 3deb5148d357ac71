/** What orval calls in place of `fetch`: it adds the address of the service and the token. */
let service = { baseUrl: '', headers: {} };

export function callService(baseUrl: string, headers: Record<string, string>): void {
  service = { baseUrl, headers };
}

export async function orvalFetch<T>(path: string, options: RequestInit): Promise<T> {
  const headers = new Headers(options.headers);
  for (const [name, value] of Object.entries(service.headers)) headers.set(name, String(value));
  const response = await fetch(service.baseUrl + path, { ...options, headers });
  const text = await response.text();
  const data: unknown = text === '' ? undefined : JSON.parse(text);
  // orval leaves it to this function to return what the document promises.
  return { status: response.status, headers: response.headers, data } as T;
}
