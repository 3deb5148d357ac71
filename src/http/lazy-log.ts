import type { FastifyBaseLogger } from 'fastify';

type Child = Parameters<FastifyBaseLogger['child']>;
type Said = Parameters<FastifyBaseLogger['info']>;

/** The log of one request, a child of the log of all: made when something is said, since most requests pass without a word. */
export class LazyLog implements FastifyBaseLogger {
  private made: FastifyBaseLogger | undefined;

  constructor(
    private readonly parent: FastifyBaseLogger,
    private readonly bindings: Child[0],
    private readonly options: Child[1],
  ) {}

  get level(): string {
    return this.log.level;
  }

  child(...child: Child): FastifyBaseLogger {
    return this.log.child(...child);
  }

  fatal(...said: unknown[]): void {
    this.log.fatal(...(said as Said));
  }

  error(...said: unknown[]): void {
    this.log.error(...(said as Said));
  }

  warn(...said: unknown[]): void {
    this.log.warn(...(said as Said));
  }

  info(...said: unknown[]): void {
    this.log.info(...(said as Said));
  }

  debug(...said: unknown[]): void {
    this.log.debug(...(said as Said));
  }

  trace(...said: unknown[]): void {
    this.log.trace(...(said as Said));
  }

  silent(...said: unknown[]): void {
    this.log.silent(...(said as Said));
  }

  private get log(): FastifyBaseLogger {
    this.made ??= this.parent.child(this.bindings, this.options);
    return this.made;
  }
}
