import { BlockList, isIP } from 'node:net';

/** Addresses that nothing on the internet can call. https://www.iana.org/assignments/iana-ipv4-special-registry */
const NOT_PUBLIC = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  NOT_PUBLIC.addSubnet(net, prefix, 'ipv4');
}
/** Of IPv6, this much is given out. https://www.iana.org/assignments/ipv6-address-space */
const PUBLIC_V6 = new BlockList();
PUBLIC_V6.addSubnet('2000::', 3, 'ipv6');

/** Names that end so are answered within one network, if at all. */
const LOCAL_NAMES = /\.(localhost|local|internal|intranet|lan|home|corp|home\.arpa|test|invalid)$/;

/** An `https:` URL that GitHub could reach, as far as its text tells. What a name resolves to is not looked up. */
export function isPublicUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') return false;
  // The parser has made one spelling of each IPv4 address by now, whether it was written in octal or as one number.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  switch (isIP(host)) {
    case 4:
      return !NOT_PUBLIC.check(host, 'ipv4');
    case 6:
      return PUBLIC_V6.check(host, 'ipv6');
    default:
      return host.includes('.') && !LOCAL_NAMES.test(host);
  }
}

export const PUBLIC_URL_RULE =
  'must be an https URL that GitHub can reach: no loopback address, no private one, no user name';
