/** The characters of a URI (RFC 3986 §2); a URL parser also accepts, removes and rewrites others. */
const HTTP_URI =
  /^https?:\/\/(?<authority>[\w!$%&'()*+,.:;=@[\]~-]+)(?:[/?#][\w!#$%&'()*+,./:;=?@[\]~-]*)?$/i;
const PERCENT_ENCODED = /%([0-9a-f]{2})/gi;
const UNRESERVED = /^[A-Za-z0-9._~-]$/;

/**
 * Normalizes the URL of a request, as the `htu` of a proof names it: without query and fragment (RFC 9449 §4.3), and by
 * case, percent-encoding, dot segments and default port (RFC 3986 §6.2). Every check of an `htu` compares this form.
 * @returns `undefined` if it is not an HTTP URL, or if it has user information (RFC 9110 §4.2.4)
 */
export function targetUrl(url: string): string | undefined {
  const authority = HTTP_URI.exec(url)?.groups?.['authority'];
  if (authority === undefined || authority.includes('@')) return undefined;
  const [withoutQuery] = url.split(/[?#]/, 1);
  const parsed = URL.parse(decodeUnreserved(withoutQuery!));
  return parsed === null ? undefined : parsed.origin + parsed.pathname;
}

/** Decodes the octets that need no encoding, and writes the others in upper case (RFC 3986 §6.2.2). */
function decodeUnreserved(url: string): string {
  return url.replaceAll(PERCENT_ENCODED, (encoded, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return UNRESERVED.test(character) ? character : encoded.toUpperCase();
  });
}
