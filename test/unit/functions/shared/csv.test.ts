import { expect, it } from 'vitest';
import { csvLine } from '../../../../functions/shared/csv.ts';

it.each<[cells: (string | number | undefined)[], line: string]>([
  [[1, 'item-1', undefined, ''], '1,item-1,,'],
  [['a,b', 'a"b', 'a\nb', 'a\r\nb'], '"a,b","a""b","a\nb","a\r\nb"'],
  [['ä', ' a ', "'", 'a;b'], "ä, a ,',a;b"],
  // Nothing else may begin a formula.
  [['=1+1', '+1', '-1', '@a'], "'=1+1,'+1,'-1,'@a"],
  [['\t=1', '\r=1', '\n=1'], `'\t=1,"'\r=1","'\n=1"`],
  [['=HYPERLINK("http://x","y")'], `"'=HYPERLINK(""http://x"",""y"")"`],
  [['a=1', 'a-b'], 'a=1,a-b'],
])('writes %j as a line of CSV', (cells, line) => {
  expect(csvLine(cells)).toBe(`${line}\r\n`);
});
