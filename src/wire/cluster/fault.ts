/** What is wrong with a message. The codes are stable: metrics and log use them. */
export type Reason =
  | 'truncated'
  | 'trailing_bytes'
  | 'too_many'
  | 'too_long'
  | 'out_of_range'
  | 'bad_name'
  | 'bad_chunk'
  | 'missing'
  | 'not_in_family'
  | 'unknown_type'
  | 'wrong_origin'
  | 'wrong_capability'
  | 'ambiguous';

/** Why a message is not read or not written. */
export interface MessageFault {
  readonly fault: Reason;
  /** For example `nodes[2].capabilities[0].name`; `''` for the packet as a whole. */
  readonly field: string;
  /** Bytes from the start of the frame. */
  readonly offset: number;
}

/** Whether this is a fault, and not what was asked for. */
export function isFault(result: object): result is MessageFault {
  return 'fault' in result;
}
