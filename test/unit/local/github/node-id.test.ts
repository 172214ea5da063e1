import { describe, expect, it } from 'vitest';
import { legacyNodeId, nodeId, parseNodeId } from '../../../../local/github/bank/node-id.ts';

describe('node ids', () => {
  it.each([
    // octocat/Hello-World and the github organization, as documented by GitHub.
    { type: 'Repository', databaseId: 1_296_269, id: 'MDEwOlJlcG9zaXRvcnkxMjk2MjY5' },
    { type: 'Organization', databaseId: 9919, id: 'MDEyOk9yZ2FuaXphdGlvbjk5MTk=' },
  ] as const)('are $id for $type $databaseId in the legacy form', ({ id, ...reference }) => {
    expect(legacyNodeId(reference)).toBe(id);
    expect(parseNodeId(id)).toEqual(reference);
  });

  it.each([
    { type: 'Repository', databaseId: 1_296_269, prefix: 'R_kgDO' },
    { type: 'Organization', databaseId: 9919, prefix: 'O_kgDO' },
    { type: 'User', databaseId: 2 ** 32 - 1, prefix: 'U_kgDO' },
  ] as const)('begin with $prefix for a $type in the newer form', ({ prefix, ...reference }) => {
    expect(nodeId(reference)).toMatch(new RegExp(`^${prefix}[\\w-]{6}$`));
    expect(parseNodeId(nodeId(reference))).toEqual(reference);
  });

  it.each(['', 'R_', 'R_kgDO', 'X_kgDOAAAAAQ', 'nonsense', 'MDU6SXNzdWUx'])(
    'are not parsed from %j',
    (id) => {
      expect(parseNodeId(id)).toBeUndefined();
    },
  );
});
