import { beforeAll, describe, expect, it } from 'vitest';
import { article, articleCodes } from '../../../src/report/diagnose/articles.ts';

it('there is no article without a finding', () => {
  expect(article('no-such-finding')).toBeUndefined();
  expect(article('../articles/close-wait-leak')).toBeUndefined();
});

describe.each(articleCodes())('%s', (code) => {
  let lines: string[];
  beforeAll(() => {
    lines = article(code)!.split('\n');
  });

  it('has an article with its mechanism, remedies and sources', () => {
    expect(lines[0]).toMatch(new RegExp(`^# ${code}: `));
    const headings = lines.filter((line) => line.startsWith('## ')).join('\n');
    expect(headings).toMatch(
      /^## What happens$[\s\S]*^## Causes$[\s\S]*^## What to do[\s\S]*^## What not to do$[\s\S]*^## Sources$/m,
    );
    const sources = lines.slice(lines.indexOf('## Sources')).join('\n');
    expect(sources).toMatch(/RFC \d+/);
    expect(sources).toMatch(/Linux/);
  });

  it('draws a small ladder', () => {
    expect(lines.join('\n')).toMatch(/^```\n[\s\S]*?─[\s\S]*?^```$/m);
  });

  it('fits a terminal', () => {
    const wide = lines.filter((line) => [...line].length > 80);
    expect(wide).toEqual([]);
  });
});
