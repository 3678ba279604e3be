import { beforeAll, describe, expect, it } from 'vitest';
import {
  article,
  articleCodes,
  EXPLAINED_STATES,
  stateArticle,
} from '../../../src/report/diagnose/articles.ts';

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

describe.each(EXPLAINED_STATES)('%s', (state) => {
  const text = stateArticle(state) ?? '';
  const lines = text.split('\n');

  it('says what it is, who is in it and what ends it', () => {
    expect(lines[0]).toMatch(new RegExp(`^# ${state}: .`));
    expect(lines.filter((line) => line.startsWith('## '))).toEqual(
      expect.arrayContaining(['## What it is', '## Who is in it', '## Findings']),
    );
    expect(text).toMatch(/^## What (ends|led to) it$/m);
  });

  it('names findings that there are', () => {
    const named = /^## Findings\n\n([^#]*)/m.exec(text)?.[1] ?? '';
    const codes = named.match(/[a-z0-9]+(-[a-z0-9]+)+/g) ?? [];
    expect(codes.filter((code) => !articleCodes().includes(code))).toEqual([]);
  });

  it('fits a terminal', () => {
    expect(lines.filter((line) => [...line].length > 80)).toEqual([]);
  });
});

it.each([
  ['close_wait', 'CLOSE_WAIT'],
  ['TIME-WAIT', 'TIME_WAIT'],
  ['FIN_WAIT2', 'FIN_WAIT_2'],
  ['SYN_RECV', 'SYN_RECEIVED'],
  ['estab', 'ESTABLISHED'],
  ['listen', 'LISTEN'],
])('%s is %s', (spelled, state) => {
  expect(stateArticle(spelled)).toMatch(`# ${state}: `);
});

it('no state is explained that there is not', () => {
  expect(stateArticle('../findings/aborts/article')).toBeUndefined();
});
