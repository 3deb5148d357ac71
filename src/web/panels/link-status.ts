import { byId, setText } from '../dom/element.js';

/** Shows whether the page is live. */
export class LinkStatus {
  show(live: boolean): void {
    document.body.dataset.link = live ? 'live' : 'waiting';
    setText(byId('link', HTMLElement), live ? 'Live' : 'Reconnecting');
    setText(byId('link-note', HTMLElement), live ? '' : 'data may be out of date');
  }
}
