import { byId, element, setText } from '../dom/element.js';
import { ApiError } from '../state/api.js';

/** A form field. Its name is that of the field in the request body. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type: 'text' | 'number' | 'datetime-local' | 'select';
  readonly value?: string;
  readonly hint?: string;
  /** Value and label of each choice of a `select`. */
  readonly options?: readonly (readonly [string, string])[];
  /** Buttons for common values: a label, and a function that returns the value. */
  readonly shortcuts?: readonly (readonly [string, () => string])[];
  /** More attributes of the input, such as `maxlength`. */
  readonly attributes?: Readonly<Record<string, string>>;
}

export type Values = Readonly<Record<string, string>>;

/** An action that needs confirmation. */
export interface Action {
  readonly title: string;
  /** What will happen, for the values entered so far. */
  readonly text: (values: Values) => string;
  readonly fields?: readonly Field[];
  /** The label of the button. */
  readonly label: string;
  readonly danger?: boolean;
  /** Runs the action and returns the message to show. @throws ApiError: shown in the dialog, which stays open */
  readonly run: (values: Values) => Promise<string>;
}

/** The dialog that confirms an action: it says what will happen, takes the fields, and stays open until the action is done or cancelled. */
export class FormDialog {
  private readonly dialog = byId('ask', HTMLDialogElement);
  private readonly form = byId('ask-form', HTMLFormElement);
  private readonly fields = byId('ask-fields', HTMLElement);
  private readonly text = byId('ask-text', HTMLElement);
  private readonly fault = byId('ask-fault', HTMLElement);
  private readonly submit = byId('ask-run', HTMLButtonElement);
  private action: Action | null = null;

  /** @param notify called with the message of a finished action */
  constructor(private readonly notify: (text: string) => void) {
    byId('ask-cancel', HTMLButtonElement).addEventListener('click', () => this.dialog.close());
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.run();
    });
    this.form.addEventListener('input', () => this.describe());
  }

  ask(action: Action): void {
    this.action = action;
    setText(byId('ask-title', HTMLElement), action.title);
    setText(this.submit, action.label);
    this.submit.classList.toggle('danger', action.danger === true);
    this.submit.disabled = false;
    this.fields.replaceChildren(...(action.fields ?? []).map(fieldElement));
    this.showFault('', []);
    this.describe();
    this.dialog.showModal();
    const [first] = this.inputs();
    (first ?? this.submit).focus();
  }

  close(): void {
    this.dialog.close();
  }

  private async run(): Promise<void> {
    const { action } = this;
    if (action === null || this.submit.disabled) return;
    this.submit.disabled = true;
    this.showFault('', []);
    try {
      const done = await action.run(this.values());
      this.dialog.close();
      this.notify(done);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.showFault(error.message, error.errors);
    } finally {
      this.submit.disabled = false;
    }
  }

  private describe(): void {
    setText(this.text, this.action?.text(this.values()) ?? '');
  }

  private values(): Values {
    return Object.fromEntries(this.inputs().map(({ name, value }) => [name, value.trim()]));
  }

  private inputs(): (HTMLInputElement | HTMLSelectElement)[] {
    return [...this.fields.querySelectorAll<HTMLInputElement | HTMLSelectElement>('input, select')];
  }

  /** Shows each fault at its field, and the message when some fault has no field. */
  private showFault(message: string, errors: ApiError['errors']): void {
    const byField = new Map(errors.map(({ pointer, detail }) => [pointer.slice(1), detail]));
    const faulty = this.inputs().filter((input) => {
      const detail = byField.get(input.name) ?? '';
      const fault = this.fields.querySelector<HTMLElement>(`#fault-${input.name}`);
      if (fault !== null) setText(fault, detail);
      input.setAttribute('aria-invalid', String(detail !== ''));
      return detail !== '';
    });
    setText(this.fault, faulty.length > 0 && faulty.length === errors.length ? '' : message);
    faulty[0]?.focus();
  }
}

function fieldElement(field: Field): HTMLElement {
  const { name, label, type, value = '', hint = '', options = [], shortcuts = [], attributes = {} } = field;
  const named = { id: `field-${name}`, name, 'aria-describedby': `hint-${name} fault-${name}` };
  const choices = options.map(([key, text]) => element('option', { value: key }, text));
  const input =
    type === 'select'
      ? element('select', { ...named, ...attributes }, ...choices)
      : element('input', { ...named, type, autocomplete: 'off', ...attributes });
  input.value = value;
  const buttons = shortcuts.map(([text, compute]) => {
    const button = element('button', { type: 'button', class: 'small' }, text);
    button.addEventListener('click', () => {
      input.value = compute();
      input.dispatchEvent(new Event('input', { bubbles: true }));
    });
    return button;
  });
  return element(
    'div',
    { class: 'field' },
    element('label', { for: named.id }, label),
    input,
    ...(buttons.length === 0 ? [] : [element('div', { class: 'acts' }, ...buttons)]),
    element('small', { id: `hint-${name}` }, hint),
    element('small', { id: `fault-${name}`, class: 'fault' }),
  );
}
