import { html, type Html, type HtmlPart } from '@tallystick/pages';

/** A field of a form with its label. */
export interface Field {
  name: string;
  label: string;
  value?: string | undefined;
  type?: 'text' | 'search' | 'datetime-local' | 'number';
  /** Under the field: what is expected. */
  help?: string;
  isRequired?: boolean;
  lengthMax?: number;
}

/** Renders a text field. */
export function field({ name, label, value = '', type = 'text', help, isRequired, lengthMax }: Field): Html {
  return html`<div class="field">
    <label for="${name}">${label}</label>
    <input
      id="${name}"
      name="${name}"
      type="${type}"
      value="${value}"
      autocomplete="off"
      spellcheck="false"
      ${lengthMax !== undefined && html`maxlength="${lengthMax}"`}
      ${isRequired === true && html`required`}
      ${help !== undefined && html`aria-describedby="${name}-help"`}
    />
    ${help !== undefined && html`<p class="help" id="${name}-help">${help}</p>`}
  </div>`;
}

/** Renders a choice of one. @param options values with their words */
export function choice(
  { name, label, value = '' }: Pick<Field, 'name' | 'label' | 'value'>,
  options: readonly (readonly [value: string, words: string])[],
): Html {
  return html`<div class="field">
    <label for="${name}">${label}</label>
    <select id="${name}" name="${name}">
      ${options.map(
        ([option, words]) =>
          html`<option value="${option}" ${option === value && html`selected`}>${words}</option>`,
      )}
    </select>
  </div>`;
}

/** Renders the form of a search, whose address holds what was searched for. */
export function filters(action: string, fields: HtmlPart, submit = 'Show'): Html {
  return html`<form class="filters" method="get" action="${action}" role="search" aria-label="This page">
    ${fields}
    <button class="button" type="submit">${submit}</button>
  </form>`;
}

/** An act that an operator confirms. */
export interface ActForm {
  action: string;
  /** Fields that are not shown. */
  hidden?: Readonly<Record<string, string>>;
  fields?: HtmlPart;
  submit: string;
  /** Whether the act ends or takes something away. */
  isSevere?: boolean;
}

/** Renders the form of an act. */
export function actForm({ action, hidden = {}, fields, submit, isSevere = false }: ActForm): Html {
  return html`<form class="act" method="post" action="${action}">
    ${Object.entries(hidden).map(
      ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
    )}
    ${fields}
    <button class="button ${isSevere ? 'severe' : 'primary'}" type="submit">${submit}</button>
  </form>`;
}

/** Renders an act behind its name, so that nobody does it by mistake and the page stays calm. */
export function disclosure(summary: HtmlPart, body: HtmlPart): Html {
  return html`<details class="disclosure">
    <summary>${summary}</summary>
    <div class="disclosed">${body}</div>
  </details>`;
}
