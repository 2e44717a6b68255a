export { asset, type Asset } from './asset.ts';
export { cookieOf } from './cookies.ts';
export { html, Html, type HtmlPart } from './html.ts';
export { mark } from './mark.ts';
export { allowFormsTo, pageHeaders, type PagePolicy } from './page-headers.ts';
export { sameOriginForms } from './same-origin-forms.ts';
