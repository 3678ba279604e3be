/** Why frames were skipped, in words; the decoder's verdicts are the keys. */
const MEANING: Readonly<Record<string, string>> = {
  'not-ip': 'neither IPv4 nor IPv6, such as ARP',
  'not-tcp': 'IP, but not TCP',
  'later-fragment': 'IP fragment after the first',
  'truncated-header': 'cut before the end of the headers (snap length)',
  'bad-ip-version': 'IP version is not what was announced',
  'bad-header-length': 'a header shorter than headers can be',
  'bad-length': 'a length that leaves no room for the headers',
  'too-deep': 'too many headers inside each other',
  'unknown-link': 'a link type that finwait does not know',
};

/** The words for a reason; empty for one that is not known. */
export function skippedMeaning(reason: string): string {
  return MEANING[reason] ?? '';
}
