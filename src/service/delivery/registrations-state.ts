/** What all replicas know of one registration. What it asked for is in the engine. */
export interface RegistrationState {
  readonly id: string;
  readonly number: number;
  readonly owner: string | null;
  /** Unix milliseconds. */
  readonly since: number;
  /** Null in its grace period. */
  readonly holder: string | null;
  /** How many sockets have carried it so far. */
  readonly carries: number;
  readonly seq: number;
}

/** What all replicas know of the registrations. */
export interface RegistrationsState {
  /** The number of the newest registration, in force or not. */
  readonly lastNumber: number;
  /** The ids of those that expired, oldest first. */
  readonly expired: readonly string[];
  /** By ascending number. */
  readonly registrations: readonly RegistrationState[];
}
