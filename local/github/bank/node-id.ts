/** The types that have ids here, with their prefixes in GitHub's newer form. */
const PREFIXES = { Repository: 'R', Organization: 'O', User: 'U' } as const;

type NodeType = keyof typeof PREFIXES;

export interface NodeReference {
  type: NodeType;
  databaseId: number;
}

const NODE_TYPES = Object.keys(PREFIXES).filter((name): name is NodeType => name in PREFIXES);

/** GitHub's newer form: the type's letter, then base64url of MessagePack `[0, <uint32>]`, as in `R_kgDOGxyz1w`. */
export function nodeId({ type, databaseId }: NodeReference): string {
  const packed = Buffer.from([0x92, 0x00, 0xce, 0, 0, 0, 0]);
  packed.writeUInt32BE(databaseId, 3);
  return `${PREFIXES[type]}_${packed.toString('base64url')}`;
}

/** The form that GitHub used until 2021: base64 of the length of the type's name, the name, and the number. */
export function legacyNodeId({ type, databaseId }: NodeReference): string {
  return Buffer.from(`${String(type.length).padStart(3, '0')}:${type}${databaseId}`).toString('base64');
}

/** Parses both forms, because GitHub accepts either. Undefined for any other text. */
export function parseNodeId(id: string): NodeReference | undefined {
  return parseNewer(id) ?? parseLegacy(id);
}

function parseNewer(id: string): NodeReference | undefined {
  const type = NODE_TYPES.find((candidate) => id.startsWith(`${PREFIXES[candidate]}_`));
  const body = Buffer.from(id.slice(2), 'base64url');
  if (type === undefined || body.length !== 7) return undefined;
  const reference = { type, databaseId: body.readUInt32BE(3) };
  return nodeId(reference) === id ? reference : undefined;
}

function parseLegacy(id: string): NodeReference | undefined {
  const match = /^\d{3}:([A-Za-z]+)(\d+)$/.exec(Buffer.from(id, 'base64').toString('latin1'));
  const type = NODE_TYPES.find((candidate) => candidate === match?.[1]);
  if (type === undefined) return undefined;
  const reference = { type, databaseId: Number(match?.[2]) };
  return legacyNodeId(reference) === id ? reference : undefined;
}

/** Ids of git objects and refs, in GitHub's form. Nothing can be looked up by them. */
export function gitObjectId(prefix: string, repositoryId: number, name: string): string {
  return `${prefix}_${Buffer.from(`${repositoryId}:${name}`).toString('base64url')}`;
}
