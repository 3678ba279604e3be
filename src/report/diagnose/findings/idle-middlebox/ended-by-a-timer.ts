import type { Database } from 'better-sqlite3';
import type { TimedOut } from '../../family/forgotten/timed-out.ts';
import type { CaseGroup } from '../../frame/cases.ts';
import { type Certainty, type Conclusion, likely, possible } from '../../frame/conclusion.ts';
import { connectionsOf } from '../../frame/connections.ts';
import { ifAny } from '../../frame/numbers.ts';
import type { Context } from '../../frame/rule.ts';
import { percentile } from '../../frame/spread.ts';
import { clientsSubject, serviceOf } from '../../frame/subjects.ts';
import { about, keepAliveRemedies, NOT_TO_DO, rangeOf } from './idle-advice.ts';

const CAPTURE_THERE =
  'Capture at the other end as well: RSTs that come to each end in the name of the other are those of a box.';

/** What is idle gets an RST out of the blue. */
export function concludeTimedOut({ group, silences }: TimedOut, db: Database, context: Context): Conclusion {
  const { count } = group;
  const [all = 0] = connectionsOf(db, [serviceOf(group)], 'client_segments > 0 AND server_segments > 0');
  const whole = Math.max(count, all);
  const medianUs = percentile(silences, 0.5);
  const both = group.number('both_names');
  const [keepAlive = '', ...remedies] = keepAliveRemedies(group, silences[0]!, context);
  return {
    group,
    severity: (100 * count) / whole >= context.thresholds['forgotten-share'] ? 'warning' : 'info',
    subject: clientsSubject(group),
    numbers: {
      ended: count,
      of: whole,
      shortest_silence_us: silences[0],
      median_silence_us: medianUs,
      longest_silence_us: silences.at(-1),
      in_both_names: ifAny(both),
      in_the_name_of_the_server: both > 0 ? undefined : group.number('by_server'),
      in_the_name_of_the_client: both > 0 ? undefined : group.number('by_client'),
    },
    advice: {
      title: `connections that are idle for ${about(medianUs)} are ended by RST: an idle timer`,
      cause:
        `Nothing came before these RSTs: the connections had been idle for ${rangeOf(silences)} (n = ${count}). No ` +
        `user is that punctual: it is a timer of ${about(medianUs)}. ${whoseTimer(group)}`,
      remedies: [
        keepAlive,
        `In the pool of the client: an idle timeout below ${about(medianUs)}, so that connections are closed before the ` +
          'timer ends them: who sends just then loses the request.',
        ...remedies.slice(1, 2),
        ...(2 * both > count ? [] : [CAPTURE_THERE]),
      ],
      notToDo: [
        'Dropping the RSTs in a filter: the connection is gone on the way all the same, and the end waits for minutes.',
        ...NOT_TO_DO.slice(0, 1),
        ...NOT_TO_DO.slice(2),
      ],
    },
    certainty: certaintyOf(group),
  };
}

function whoseTimer(group: CaseGroup): string {
  const both = group.number('both_names');
  if (2 * both > group.count) {
    return (
      'An RST came to each end in the name of the other, and neither has sent one: it is a balancer, firewall or NAT ' +
      'between the ends whose idle timeout is over.'
    );
  }
  const named = group.number('by_server') >= group.number('by_client') ? 'server' : 'client';
  return (
    `The RST is in the name of the ${named}: a balancer, firewall or NAT on the way, which at the end of its idle ` +
    `timeout resets both ends in the name of the other, or a timer in the ${named} itself. A capture at the ${named} ` +
    'tells the two apart.'
  );
}

function certaintyOf(group: CaseGroup): Certainty {
  if (2 * group.number('both_names') > group.count) {
    return likely('each end got an RST that the other had not sent');
  }
  return possible('the silences show a timer; whose it is takes a capture at the other end');
}
