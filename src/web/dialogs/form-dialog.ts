import { element, part, setText } from '../dom/element.js';
import { Refused } from '../state/api.js';

/** A field of a form, named as in the body that will be sent. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type: 'text' | 'number' | 'datetime-local' | 'select';
  readonly value?: string;
  readonly hint?: string;
  /** Value and label of each choice of a `select`. */
  readonly options?: readonly (readonly [string, string])[];
  /** Values that are often wanted: a label each, and what it stands for when it is chosen. */
  readonly shortcuts?: readonly (readonly [string, () => string])[];
  /** Further attributes of the input, as `maxlength`. */
  readonly attributes?: Readonly<Record<string, string>>;
}

export type Values = Readonly<Record<string, string>>;

/** What a person is asked before something is done. */
export interface Question {
  readonly title: string;
  /** What will happen, said of what is entered. */
  readonly text: (values: Values) => string;
  readonly fields?: readonly Field[];
  /** The word on the button. */
  readonly action: string;
  readonly danger?: boolean;
  /** Does it; answers what to say then. @throws Refused: said in the dialog, which stays */
  readonly run: (values: Values) => Promise<string>;
}

/** The one dialog that confirms: it says what will happen, takes what is to be entered, and stays until it is done or given up. */
export class FormDialog {
  private readonly dialog = part('ask', HTMLDialogElement);
  private readonly form = part('ask-form', HTMLFormElement);
  private readonly fields = part('ask-fields', HTMLElement);
  private readonly text = part('ask-text', HTMLElement);
  private readonly fault = part('ask-fault', HTMLElement);
  private readonly submit = part('ask-run', HTMLButtonElement);
  private question: Question | null = null;

  /** @param say tells what was done */
  constructor(private readonly say: (text: string) => void) {
    part('ask-cancel', HTMLButtonElement).addEventListener('click', () => this.dialog.close());
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.run();
    });
    this.form.addEventListener('input', () => this.describe());
  }

  ask(question: Question): void {
    this.question = question;
    setText(part('ask-title', HTMLElement), question.title);
    setText(this.submit, question.action);
    this.submit.classList.toggle('danger', question.danger === true);
    this.submit.disabled = false;
    this.fields.replaceChildren(...(question.fields ?? []).map(fieldElement));
    this.showFault('', []);
    this.describe();
    this.dialog.showModal();
    const [first] = this.inputs();
    (first ?? this.submit).focus();
  }

  /** Closes it unanswered. */
  close(): void {
    this.dialog.close();
  }

  private async run(): Promise<void> {
    const { question } = this;
    if (question === null || this.submit.disabled) return;
    this.submit.disabled = true;
    this.showFault('', []);
    try {
      const done = await question.run(this.values());
      this.dialog.close();
      this.say(done);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.showFault(error.message, error.errors);
    } finally {
      this.submit.disabled = false;
    }
  }

  private describe(): void {
    setText(this.text, this.question?.text(this.values()) ?? '');
  }

  private values(): Values {
    return Object.fromEntries(this.inputs().map(({ name, value }) => [name, value.trim()]));
  }

  private inputs(): (HTMLInputElement | HTMLSelectElement)[] {
    return [...this.fields.querySelectorAll<HTMLInputElement | HTMLSelectElement>('input, select')];
  }

  /** Each fault at its field; in a line of its own what belongs to none. */
  private showFault(message: string, errors: Refused['errors']): void {
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
  const buttons = shortcuts.map(([text, stands]) => {
    const button = element('button', { type: 'button', class: 'small' }, text);
    button.addEventListener('click', () => {
      input.value = stands();
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
