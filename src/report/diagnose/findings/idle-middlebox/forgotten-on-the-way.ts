import { duration } from '../../../units.ts';
import type { Forgotten } from '../../family/forgotten/forgotten.ts';
import { type Certainty, type Conclusion, likely, possible } from '../../frame/conclusion.ts';
import { ifAny } from '../../frame/numbers.ts';
import type { Context } from '../../frame/rule.ts';
import { percentile } from '../../frame/spread.ts';
import { clientsSubject } from '../../frame/subjects.ts';
import { about, keepAliveRemedies, NOT_TO_DO, rangeOf } from './idle-advice.ts';

/** What was idle is answered by RST, or by nothing, when it is used again. */
export function concludeForgotten(found: Forgotten, context: Context): Conclusion {
  const { group, silences, survivedUs, wentOn } = found;
  const { count } = group;
  const percent = (100 * count) / (count + wentOn);
  const shortestUs = silences[0]!;
  const byRst = group.number('by_rst');
  const met = byRst === count ? 'an RST' : byRst === 0 ? 'nobody' : 'an RST or nobody';
  const survived =
    survivedUs === 0
      ? ''
      : survivedUs < shortestUs
        ? ` Connections that were silent for up to ${duration(survivedUs)} went on: the timeout lies between.`
        : ` Others went on after silences of up to ${duration(survivedUs)}.`;
  return {
    group,
    severity: percent >= context.thresholds['forgotten-share'] ? 'warning' : 'info',
    subject: clientsSubject(group),
    numbers: {
      forgotten: count,
      answered_by_RST: byRst,
      not_answered: count - byRst,
      shortest_silence_us: shortestUs,
      median_silence_us: percentile(silences, 0.5),
      longest_silence_us: silences.at(-1),
      longest_survived_us: ifAny(survivedUs),
      went_on_after_a_silence: wentOn,
      woken_by_the_client: group.number('by_client'),
    },
    advice: {
      title: `connections that are idle for about ${about(shortestUs)} are forgotten on the way`,
      cause:
        `After a silence of ${rangeOf(silences)} (n = ${count}) the next segment met ${met}: a firewall, a NAT or a ` +
        `balancer on the way had forgotten the connection, and notified neither end.${survived}`,
      remedies: keepAliveRemedies(group, shortestUs, context),
      notToDo: NOT_TO_DO,
    },
    certainty: certaintyOf(found),
  };
}

function certaintyOf({ isEachForItself, silences }: Forgotten): Certainty {
  return isEachForItself
    ? likely('each for itself, while others were still heard of')
    : possible(`${silences.length} silences alike, but all at one time: an end may have gone down`);
}
