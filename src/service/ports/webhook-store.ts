/** One event for one webhook. */
export interface Delivery {
  /** Rises with every event, across restarts too. */
  readonly id: number;
  /** The name of the webhook. */
  readonly webhook: string;
  /** What the event is about; deliveries of one webhook and subject keep their order. */
  readonly subject: string;
  /** Unix milliseconds at which it happened. */
  readonly at: number;
  /** The JSON that is sent. */
  readonly body: string;
}

/** Why a delivery was given up. */
export interface DeliveryFailure {
  readonly attempts: number;
  /** Unix milliseconds. */
  readonly failedAt: number;
  readonly error: string;
}

/** What becomes of a delivery; null: it waits. */
export interface DeliveryChange {
  readonly delivery: Delivery;
  readonly outcome: 'delivered' | DeliveryFailure | null;
}

/** The table of deliveries that wait or were given up. Rejects as `MachineStore` does. */
export interface WebhookStore {
  /** Those that wait, by ascending id. */
  load(): Promise<Delivery[]>;
  /** All or nothing. Each delivery occurs once. A change that was saved before is not an error. */
  save(changes: readonly DeliveryChange[]): Promise<void>;
  /** Removes deliveries of events before a time in Unix milliseconds. */
  purge(before: number): Promise<void>;
}
