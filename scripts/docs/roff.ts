/** Text that no macro reads: a hyphen that begins a word is a minus sign, as options are typed. */
export function text(plain: string): string {
  return characters(plain).replace(/(?<![^\s(["/,])-+/g, (dashes) => '\\-'.repeat(dashes.length));
}

/** Text to be copied: every hyphen and quote is the one on the keyboard. */
export function typed(plain: string): string {
  return characters(plain)
    .replaceAll('-', '\\-')
    .replace(/['^~`]/g, (sign) => KEYS[sign] ?? sign);
}

const KEYS: Readonly<Record<string, string>> = { "'": '\\(aq', '^': '\\(ha', '~': '\\(ti', '`': '\\(ga' };

function characters(plain: string): string {
  return plain
    .replaceAll('\\', '\\e')
    .replace(
      /[^\n -~]/gu,
      (letter) => `\\[u${letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`,
    );
}

export function bold(plain: string): string {
  return `\\fB${typed(plain)}\\fR`;
}

/** A usage or an option: what is typed in bold, what stands for something else in italics. */
export function usage(term: string): string {
  return term
    .split(/([<[][^<>[\]]+[>\]])/)
    .map((part) => {
      const [, open = '', name, close = ''] = /^([<[])(.+)([>\]])$/.exec(part) ?? [];
      if (name === undefined) return /[^\s,]/.test(part) ? part.replace(/[^\s,]+/g, bold) : part;
      return open === '<' ? `\\fI${typed(name)}\\fR` : `${open}\\fI${typed(name)}\\fR${close}`;
    })
    .join('');
}

/** A paragraph in lines of 80 bytes at most, none of which can be taken for a request. */
export function wrapped(escaped: string): string {
  const lines = [''];
  for (const word of escaped.split(/\s+/)) {
    const line = lines.at(-1)!;
    if (line !== '' && line.length + 1 + word.length > 78) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.map(guarded).join('\n');
}

/** Lines as they are. */
export function example(lines: readonly string[]): string {
  return ['.RS 4', '.EX', ...lines.map((line) => guarded(typed(line))), '.EE', '.RE'].join('\n');
}

/** A list entry. */
export function tagged(tag: string, body: string): string {
  return `.TP\n${guarded(tag)}\n${wrapped(text(body))}`;
}

function guarded(line: string): string {
  return /^[.']/.test(line) ? `\\&${line}` : line;
}
