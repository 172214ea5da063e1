import { existsSync, globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..', '..');

interface Page {
  /** Absolute. */
  path: string;
  text: string;
  /** The text without code, in which nothing is a link or a heading. */
  prose: string;
}

const pages = await readPages(['README.md', 'docs/**/*.md', 'local/README.md', 'bench/results/*.md']);
const anchors = new Map(pages.map(({ path, prose }) => [path, anchorsIn(prose)]));

async function readPages(patterns: readonly string[]): Promise<Page[]> {
  const paths = globSync(patterns, { cwd: ROOT });
  return Promise.all(
    paths.map(async (path) => {
      const text = await readFile(join(ROOT, path), 'utf8');
      return { path: join(ROOT, path), text, prose: withoutCodeBlocks(text) };
    }),
  );
}

/** The anchors that GitHub gives to headings. */
function anchorsIn(prose: string): Set<string> {
  const headings = [...prose.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title);
  return new Set(
    headings.map((title) =>
      title
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\- _]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

function linksIn({ prose }: Page): string[] {
  const text = prose.replaceAll(/`[^`\n]*`/g, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
}

/** Links that lead to a file or a heading that does not exist. */
function brokenLinks(page: Page): string[] {
  return linksIn(page)
    .filter((link) => !/^https?:/.test(link))
    .filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? page.path : resolve(dirname(page.path), file);
      return !existsSync(target) || (anchor !== undefined && !anchors.get(target)?.has(anchor));
    })
    .map((link) => `${relative(ROOT, page.path)}: ${link}`);
}

describe('the documentation', () => {
  it('has no broken link and no broken anchor', () => {
    expect(pages.length).toBeGreaterThan(10);
    expect(pages.flatMap(linksIn).length).toBeGreaterThan(50);
    expect(pages.flatMap(brokenLinks)).toEqual([]);
  });

  it('is reachable from the README', () => {
    const reached = new Set([join(ROOT, 'README.md')]);
    for (const path of reached) {
      const page = pages.find((one) => one.path === path);
      for (const link of page ? linksIn(page) : []) {
        const target = resolve(dirname(path), link.split('#')[0] ?? '');
        if (target.endsWith('.md')) reached.add(target);
      }
    }
    expect(pages.map(({ path }) => path).filter((path) => !reached.has(path))).toEqual([]);
  });

  it('begins each page with the questions that it answers', () => {
    const inDocs = pages.filter(({ path }) => dirname(path) === join(ROOT, 'docs'));
    const without = inDocs.filter(({ text }) => !/^This page answers:/m.test(text.slice(0, 400)));
    expect(without.map(({ path }) => relative(ROOT, path))).toEqual([]);
  });

  it('has a README of at most 150 lines of at most 120 characters', () => {
    const lines =
      pages
        .find(({ path }) => path === join(ROOT, 'README.md'))
        ?.text.trimEnd()
        .split('\n') ?? [];
    expect(lines.length).toBeLessThanOrEqual(150);
    expect(lines.filter(({ length }) => length > 120)).toEqual([]);
  });

  it('has decision records with a number of their own and the same parts', () => {
    const records = pages.filter(({ path }) => /decisions\/\d{4}-/.test(path));
    expect(records.length).toBeGreaterThan(15);
    for (const { path, text } of records) {
      const number = Number(/(\d{4})-[^/]*$/.exec(path)?.[1]);
      expect(text).toMatch(new RegExp(`^# ${number}\\. `));
      const parts = [...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
      expect(parts, path).toEqual(['Context', 'Decision', 'Why', 'Not chosen']);
    }
  });
});

function withoutCodeBlocks(text: string): string {
  return text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');
}
