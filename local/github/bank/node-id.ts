/** The types whose ids this bank hands out, with the prefix of GitHub's newer ids. */
const PREFIXES = { Repository: 'R', Organization: 'O', User: 'U' } as const;

type NodeType = keyof typeof PREFIXES;

export interface NodeReference {
  type: NodeType;
  databaseId: number;
}

const NODE_TYPES = Object.keys(PREFIXES).filter((name): name is NodeType => name in PREFIXES);

/**
 * GitHub's newer form: the type's letter, then base64url of MessagePack `[0, <uint32>]`, as in `R_kgDOGxyz1w`; from
 * 2^32 on of `[0, <uint64>]`.
 */
export function nodeId({ type, databaseId }: NodeReference): string {
  return `${PREFIXES[type]}_${packed(databaseId).toString('base64url')}`;
}

function packed(databaseId: number): Buffer {
  if (databaseId >= 2 ** 32) {
    const wide = Buffer.from([0x92, 0x00, 0xcf, 0, 0, 0, 0, 0, 0, 0, 0]);
    wide.writeBigUInt64BE(BigInt(databaseId), 3);
    return wide;
  }
  const narrow = Buffer.from([0x92, 0x00, 0xce, 0, 0, 0, 0]);
  narrow.writeUInt32BE(databaseId, 3);
  return narrow;
}

/** The form of ids given out until 2021: base64 of the length of the type's name, the name and the number. */
export function legacyNodeId({ type, databaseId }: NodeReference): string {
  return Buffer.from(`${String(type.length).padStart(3, '0')}:${type}${databaseId}`).toString('base64');
}

/** Reads either form, since GitHub answers to both for one object; undefined when it is neither. */
export function parseNodeId(id: string): NodeReference | undefined {
  return parseNewer(id) ?? parseLegacy(id);
}

function parseNewer(id: string): NodeReference | undefined {
  const type = NODE_TYPES.find((candidate) => id.startsWith(`${PREFIXES[candidate]}_`));
  const body = Buffer.from(id.slice(2), 'base64url');
  const width = body.length - 3;
  if (type === undefined || (width !== 4 && width !== 8)) return undefined;
  const databaseId = width === 4 ? body.readUInt32BE(3) : Number(body.readBigUInt64BE(3));
  const reference = { type, databaseId };
  return nodeId(reference) === id ? reference : undefined;
}

function parseLegacy(id: string): NodeReference | undefined {
  const match = /^\d{3}:([A-Za-z]+)(\d+)$/.exec(Buffer.from(id, 'base64').toString('latin1'));
  const type = NODE_TYPES.find((candidate) => candidate === match?.[1]);
  if (type === undefined) return undefined;
  const reference = { type, databaseId: Number(match?.[2]) };
  return legacyNodeId(reference) === id ? reference : undefined;
}

/** Ids of what lives in a repository, of GitHub's form; parseNodeId does not read them, nothing is found by them. */
export function gitObjectId(prefix: string, repositoryId: number, name: string): string {
  return `${prefix}_${Buffer.from(`${repositoryId}:${name}`).toString('base64url')}`;
}
