import { html, type Html, type HtmlPart } from '@tallystick/pages';

/** A field of a form with its label. */
export interface Field {
  name: string;
  /** Needed if a page has several fields of this name; by default the name. */
  id?: string;
  label: string;
  value?: string | undefined;
  type?: 'text' | 'search' | 'datetime-local' | 'number';
  /** Under the field: what is expected. */
  help?: string;
  isRequired?: boolean;
  lengthMax?: number;
}

/** Renders a text field of one line. */
export function field(of: Field): Html {
  const { type = 'text', value = '' } = of;
  return labelled(of, html`<input type="${type}" value="${value}" ${textAttributes(of)} />`);
}

/** Renders a field of several lines. */
export function area(of: Omit<Field, 'value' | 'type'>): Html {
  return labelled(of, html`<textarea rows="3" ${textAttributes(of)}></textarea>`);
}

function labelled({ name, id = name, label, help }: Field, control: Html): Html {
  return html`<div class="field">
    <label for="${id}">${label}</label>
    ${control} ${help !== undefined && html`<p class="help" id="${id}-help">${help}</p>`}
  </div>`;
}

function textAttributes({ name, id = name, help, isRequired, lengthMax }: Field): Html {
  return html`id="${id}" name="${name}" autocomplete="off" spellcheck="false"
  ${lengthMax !== undefined && html`maxlength="${lengthMax}"`} ${isRequired === true && html`required`}
  ${help !== undefined && html`aria-describedby="${id}-help"`}`;
}

/** Renders a choice of one. @param options values with their words */
export function choice(
  { name, label, value = '' }: Pick<Field, 'name' | 'label' | 'value'>,
  options: readonly (readonly [value: string, words: string])[],
): Html {
  return labelled(
    { name, label },
    html`<select id="${name}" name="${name}">
      ${options.map(
        ([option, words]) =>
          html`<option value="${option}" ${option === value && html`selected`}>${words}</option>`,
      )}
    </select>`,
  );
}

/** Renders choices of which any number may be taken. @param id distinguishes them from those of another form */
export function checks(
  legend: string,
  options: readonly { name: string; value: string; words: string }[],
  id: string,
): Html {
  return html`<fieldset class="checks">
    <legend class="label">${legend}</legend>
    ${options.map(
      ({ name, value, words }, at) =>
        html`<label class="check" for="${id}-check-${at}">
          <input type="checkbox" id="${id}-check-${at}" name="${name}" value="${value}" />
          ${words}
        </label>`,
    )}
  </fieldset>`;
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
