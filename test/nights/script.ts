import { createHash } from 'node:crypto';
import { AWS_FAULTS, type AwsOutcome } from './aws-faults.ts';
import type { AwsCall, CallKind, GitHubCall } from './calls.ts';
import { GITHUB_FAULTS, GITHUB_OUTAGES, type GitHubOutcome, NOT_LISTED } from './github-faults.ts';
import type { Incident } from './plan.ts';
import type { SimulatedTime } from './simulated-time.ts';

type FaultOf<What extends Incident['what']> = Extract<Incident, { what: What }>;
type Invoked = FaultOf<'invocation'>['how'];
/** An incident that does not change the request it precedes. */
export type Event = Exclude<
  Incident,
  {
    what:
      | ('GitHub fault' | 'AWS fault' | 'invocation' | 'repository is not listed')
      | ('GitHub outage' | 'AWS outage');
  }
>;

/** Lets the incidents of a run happen, each at its moment. */
export interface Script {
  /** From now on, these incidents are due, and the requests are counted from zero. */
  begin: (incidents: readonly Incident[]) => void;
  /** From now on, nothing happens any more. */
  end: () => void;
  gitHub: (call: GitHubCall, url: string) => Promise<GitHubOutcome | undefined>;
  aws: (call: AwsCall) => Promise<AwsOutcome | undefined>;
  invocation: () => Promise<Invoked | undefined>;
  /** How often each class of incidents has happened. */
  happened: Map<string, number>;
  /** Differs if anything was requested at another time, or in another order. */
  trace: () => string;
}

/** @param act carries out an event. */
export function createScript(time: SimulatedTime, act: (event: Event) => Promise<void>): Script {
  let pending: { incident: Incident; left: number }[] = [];
  let counts = new Map<CallKind, number>();
  let outages: { gitHub?: Outage<GitHubOutcome>; aws?: Outage<AwsOutcome>; listing?: true } = {};
  const happened = new Map<string, number>();
  const count = (name: string): void => void happened.set(name, (happened.get(name) ?? 0) + 1);

  const trace = createHash('sha256');
  /** Carries out the events that are due. @returns the fault for this request, if one is due.. */
  const meet = async (call: CallKind): Promise<Incident | undefined> => {
    trace.update(`${time.now().getTime()} ${call}\n`);
    const before = counts.get(call) ?? 0;
    counts.set(call, before + 1);
    const due = pending.filter(({ incident: { on, after } }) => on === call && after <= before);
    let fault: Incident | undefined;
    for (const one of due) {
      const { incident } = one;
      const isFault =
        incident.what === 'GitHub fault' || incident.what === 'AWS fault' || incident.what === 'invocation';
      if (isFault && fault) continue;
      one.left -= 1;
      if (one.left === 0) pending = pending.filter((other) => other !== one);
      count(classOf(incident));
      if (isFault) fault = incident;
      else if (incident.what === 'repository is not listed') outages.listing = true;
      else if (incident.what === 'GitHub outage') {
        outages.gitHub = outage(time, incident.minutes, GITHUB_OUTAGES[incident.how]());
      } else if (incident.what === 'AWS outage') {
        outages.aws = outage(time, incident.minutes, { status: 503, error: 'ServiceUnavailable' });
      } else await act(incident);
    }
    return fault;
  };
  return {
    happened,
    trace: () => trace.copy().digest('hex'),
    begin: (incidents) => {
      counts = new Map();
      delete outages.listing;
      pending = incidents.map((incident) => ({ incident, left: 'times' in incident ? incident.times : 1 }));
    },
    end: () => {
      pending = [];
      outages = {};
    },
    gitHub: async (call, url) => {
      const incident = await meet(call);
      if (isOver(outages.gitHub, time)) delete outages.gitHub;
      if (outages.gitHub) return outages.gitHub.outcome;
      if (incident?.what !== 'GitHub fault') return outages.listing && NOT_LISTED[call];
      return GITHUB_FAULTS[incident.fault].outcome({ url, now: time.now() });
    },
    aws: async (call) => {
      const incident = await meet(call);
      if (isOver(outages.aws, time)) delete outages.aws;
      if (outages.aws) return outages.aws.outcome;
      return incident?.what === 'AWS fault' ? AWS_FAULTS[incident.fault].outcome : undefined;
    },
    invocation: async () => {
      const incident = await meet('invocation');
      return incident?.what === 'invocation' ? incident.how : undefined;
    },
  };
}

interface Outage<Outcome> {
  untilMs: number;
  outcome: Outcome;
}

const outage = <Outcome>(time: SimulatedTime, minutes: number, outcome: Outcome): Outage<Outcome> => ({
  untilMs: time.now().getTime() + minutes * 60_000,
  outcome,
});

const isOver = (found: Outage<unknown> | undefined, time: SimulatedTime): boolean =>
  found !== undefined && found.untilMs <= time.now().getTime();

/** The class under which an incident is counted. */
function classOf(incident: Incident): string {
  switch (incident.what) {
    case 'GitHub fault':
    case 'AWS fault':
      return incident.fault;
    case 'invocation':
      return `invocation ${incident.how}`;
    case 'invocation dies':
      return `invocation ${incident.how}`;
    case 'GitHub outage':
      return `GitHub outage: ${incident.how}`;
    case 'change':
      return `bank changes: ${incident.change.kind}`;
    default:
      return incident.what;
  }
}
