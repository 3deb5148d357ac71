import { part, setText } from '../dom/element.js';

/** Says whether what is shown is live. */
export class LinkStatus {
  show(live: boolean): void {
    document.body.dataset.link = live ? 'live' : 'waiting';
    setText(part('link', HTMLElement), live ? 'Live' : 'Reconnecting');
    setText(part('link-note', HTMLElement), live ? '' : 'what is shown may be old');
  }
}
