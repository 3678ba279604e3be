/** What to install where loading cap failed with this message. */
export function capInstallHint(message: string): string {
  if (/libpcap/.test(message))
    return 'libpcap is not installed: install libpcap0.8 (Debian, Ubuntu) or libpcap';
  return (
    'the package cap is not installed: install the headers of libpcap (libpcap-dev or libpcap-devel) and ' +
    'a C++ compiler, then npm install'
  );
}
