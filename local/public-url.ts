import { BlockList, isIP } from 'node:net';

/** Addresses that cannot be reached from the internet. https://www.iana.org/assignments/iana-ipv4-special-registry */
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
/** The only IPv6 addresses that are assigned to the public internet. https://www.iana.org/assignments/ipv6-address-space */
const PUBLIC_V6 = new BlockList();
PUBLIC_V6.addSubnet('2000::', 3, 'ipv6');

/** Names that resolve within one network only. */
const LOCAL_NAMES = /\.(localhost|local|internal|intranet|lan|home|corp|home\.arpa|test|invalid)$/;

/** Whether GitHub could reach this `https:` URL. Judges by the text alone; names are not resolved. */
export function isPublicUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') return false;
  // The URL parser has normalized IPv4 addresses, for example octal ones.
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
  'must be an https URL that GitHub can reach, without a user name, a loopback address or a private address';
