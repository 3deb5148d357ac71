import { part, setText } from '../dom/element.js';

/** Shows whether the page is live. */
export class LinkStatus {
  show(live: boolean): void {
    document.body.dataset.link = live ? 'live' : 'waiting';
    setText(part('link', HTMLElement), live ? 'Live' : 'Reconnecting');
    setText(part('link-note', HTMLElement), live ? '' : 'data may be out of date');
  }
}
