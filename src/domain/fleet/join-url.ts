import { Timer, type TimerOwner } from './timer.js';

/** A url to join through (J4). */
export class JoinUrl {
  /** The number of pings sent to it while its machine was not known. */
  asked = 0;
  readonly timer: Timer<JoinUrl>;

  constructor(
    readonly url: string,
    owner: TimerOwner<JoinUrl>,
  ) {
    this.timer = new Timer(owner, this);
  }
}
