import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { html } from '../src/index.ts';

describe('markup from a template', () => {
  test('has every inserted text as text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { markup } = html`<p title="${text}">${text}</p>`;
        expect(markup.match(/[<>"]/g)).toHaveLength(6);
        const inner = markup.slice('<p title="'.length, -'</p>'.length);
        expect(inner.split('">')).toHaveLength(2);
      }),
    );
  });

  test('keeps markup of its own, joins lists, and leaves out what is not there', () => {
    const items = ['a', '<b>'].map((text) => html`<i>${text}</i>`);
    expect(html`<p ${false}>${items}${undefined}</p>`.markup).toBe('<p ><i>a</i><i>&lt;b&gt;</i></p>');
  });
});
