import { describe, expect, it } from 'vitest';
import { STATES } from '../../../src/flow/format/words.ts';
import { parseNetwork } from '../../../src/report/addresses.ts';
import { type FlowListOptions, listFlows } from '../../../src/report/flows/list.ts';
import { SORTS, STATES_WITH_LENGTH } from '../../../src/report/flows/list-columns.ts';
import type { FlowFilters } from '../../../src/report/flows/list-filters.ts';
import { stateName } from '../../../src/report/state-spelling.ts';
import { type Flow, NOON } from '../../record/batches.ts';
import { databaseOf } from '../../record/database.ts';
import { FIN_FLOW, LEAK_FLOW, RESET_FLOW } from '../../record/flows.ts';

const second = 1_000_000;

/** Numbers 4 to 6: closed by the server, both at once, and without an answer. */
const BY_SERVER: Flow = {
  client: '10.0.0.1',
  server: '10.0.1.5',
  columns: {
    server_port: 443,
    first: NOON + 10 * second,
    last: 5 * second,
    observed: 50 * second,
    close_kind: 'fin',
    closed_first: 'server',
    close_started: second,
    close_ended: 5 * second,
    client_state: 'CLOSED',
    server_state: 'TIME_WAIT',
    client_bytes: 7,
    server_bytes: 70_000,
    client_segments: 20,
    server_segments: 80,
    server_retransmissions: 3,
    server_time_wait_at_least: 45 * second,
  },
  clientLife: {
    CLOSE_WAIT: [second, 8, 'acked'],
    LAST_ACK: [3 * second, 9, 'sent'],
    CLOSED: [5 * second, 10, 'seen'],
  },
  serverLife: {
    FIN_WAIT_1: [second, 8, 'sent'],
    FIN_WAIT_2: [2 * second, 9, 'acked'],
    TIME_WAIT: [5 * second, 10, 'acked'],
  },
};
const AT_ONCE: Flow = {
  client: '10.0.2.1',
  server: '10.0.0.2',
  columns: {
    first: NOON + 20 * second,
    last: 2 * second,
    observed: 40 * second,
    close_kind: 'fin',
    closed_first: 'both',
    close_started: second,
    close_ended: 2 * second,
    client_state: 'CLOSED',
    server_state: 'CLOSED',
    client_bytes: 500,
  },
  clientLife: {
    FIN_WAIT_1: [second, 8, 'sent'],
    CLOSING: [second + 10, 9, 'acked'],
    CLOSED: [2 * second, 10, 'seen'],
  },
  serverLife: {
    FIN_WAIT_1: [second, 8, 'sent'],
    CLOSING: [second + 30, 9, 'acked'],
    CLOSED: [2 * second, 10, 'seen'],
  },
};
const UNANSWERED: Flow = {
  client: '192.168.0.1',
  server: '10.0.0.2',
  columns: {
    client_port: 443,
    first: NOON + 30 * second,
    last: second,
    observed: 30 * second,
    close_kind: 'unanswered',
    client_state: 'SYN_SENT',
  },
  clientLife: { SYN_SENT: [0, 1, 'sent'] },
};

const FLOWS = [FIN_FLOW, LEAK_FLOW, RESET_FLOW, BY_SERVER, AT_ONCE, UNANSWERED];
const ALL = [1, 2, 3, 4, 5, 6];

function idsOf(options: Partial<FlowListOptions>): unknown[] {
  const list = listFlows(databaseOf(FLOWS), { filters: {}, reverse: false, readable: true, ...options });
  return Array.from(list.answer.rows, ([id]) => id);
}

const either = <T>(value: T) => ({ endpoint: undefined, value });
const client = <T>(value: T) => ({ endpoint: 'client' as const, value });
const server = <T>(value: T) => ({ endpoint: 'server' as const, value });
const network = (text: string) => parseNetwork(text)!;

const FILTERS: readonly (readonly [string, FlowFilters, number[]])[] = [
  ['closed first: client', { closedFirst: ['client'] }, [1, 2, 3]],
  ['closed first: server or both', { closedFirst: ['server', 'both'] }, [4, 5]],
  ['closed first: none', { closedFirst: ['none'] }, [6]],
  ['closed first: both or none', { closedFirst: ['both', 'none'] }, [5, 6]],
  ['kind', { kind: ['half'] }, [2]],
  ['kinds', { kind: ['fin-reset', 'unanswered'] }, [3, 6]],
  ['kind that no flow has', { kind: ['refused'] }, []],
  ['state of either end', { state: [either('TIME_WAIT')] }, [1, 4]],
  ['state of the client', { state: [client('TIME_WAIT')] }, [1]],
  ['state of the server', { state: [server('CLOSE_WAIT')] }, [2]],
  ['state of either, or of the server', { state: [either('SYN_SENT'), server('TIME_WAIT')] }, [4, 6]],
  ['address', { network: [either(network('10.0.0.1'))] }, [1, 2, 4]],
  ['address of the server', { network: [server(network('10.0.0.1'))] }, []],
  ['network', { network: [either(network('10.0.1.0/24'))] }, [4]],
  ['network of the client', { network: [client(network('10.0.0.0/16'))] }, [1, 2, 3, 4, 5]],
  ['networks', { network: [either(network('10.0.1.0/24')), either(network('192.168.0.0/16'))] }, [4, 6]],
  ['network without any', { network: [either(network('172.16.0.0/12'))] }, []],
  ['network of another family', { network: [either(network('::/0'))] }, []],
  ['port', { port: [either(443)] }, [4, 6]],
  ['port of the client', { port: [client(443)] }, [6]],
  ['ports of the server', { port: [server(443), server(80)] }, ALL],
  [
    'CLOSE_WAIT that stands or has ended',
    { longerThan: [either({ state: 'CLOSE_WAIT', us: 2.5 * second })] },
    [1, 2],
  ],
  ['longer than, not as long as', { longerThan: [either({ state: 'CLOSE_WAIT', us: 2 * second })] }, [1, 2]],
  ['CLOSE_WAIT of the client', { longerThan: [client({ state: 'CLOSE_WAIT', us: second })] }, [4]],
  [
    'TIME_WAIT as far as it is proven',
    { longerThan: [either({ state: 'TIME_WAIT', us: 16 * second })] },
    [4],
  ],
  ['FIN_WAIT_1 left for CLOSING', { longerThan: [client({ state: 'FIN_WAIT_1', us: 10 })] }, [1, 3]],
  ['SYN_SENT', { longerThan: [either({ state: 'SYN_SENT', us: 29 * second })] }, [6]],
  ['reset kind', { resetKind: ['unread-data-or-linger', 'idle'] }, [3]],
  ['reset kind that no flow has', { resetKind: ['idle'] }, []],
  ['reset by', { resetBy: ['server'] }, [3]],
  ['since', { sinceUs: NOON + 20 * second }, [5, 6]],
  ['until, inclusive', { untilUs: NOON + 20 * second }, [1, 2, 3, 4, 5]],
  ['none', {}, ALL],
];

describe('filters', () => {
  it.each(FILTERS)('%s', (_, filters, ids) => {
    expect(idsOf({ filters })).toEqual(ids);
  });

  it('each with each other lets pass what both do', () => {
    const db = databaseOf(FLOWS);
    for (const [, one, some] of FILTERS) {
      for (const [, other, others] of FILTERS) {
        if (Object.keys(one).some((option) => option in other)) continue;
        const filters = { ...one, ...other };
        const { answer, total } = listFlows(db, { filters, reverse: false, readable: false });
        const both = some.filter((id) => others.includes(id));
        expect(
          Array.from(answer.rows, ([id]) => id),
          JSON.stringify(filters),
        ).toEqual(both);
        expect(total()).toBe(both.length);
      }
    }
  });
});

describe('order', () => {
  it.each([
    [undefined, ALL],
    ['id', ALL],
    ['start', [1, 2, 3, 4, 5, 6]],
    ['duration', [4, 1, 5, 6, 2, 3]],
    ['close-duration', [4, 5, 1, 2, 3, 6]],
    ['bytes', [4, 5, 1, 2, 3, 6]],
    ['segments', [4, 1, 2, 3, 5, 6]],
    ['retransmissions', [4, 1, 2, 3, 5, 6]],
    ['SYN_SENT', [6, 1, 2, 3, 4, 5]],
    ['SYN_RECEIVED', [1, 2, 3, 4, 5, 6]],
    ['ESTABLISHED', [1, 2, 3, 4, 5, 6]],
    ['FIN_WAIT_1', [3, 4, 1, 5, 2, 6]],
    ['FIN_WAIT_2', [2, 4, 1, 3, 5, 6]],
    ['CLOSING', [5, 1, 2, 3, 4, 6]],
    ['TIME_WAIT', [4, 1, 2, 3, 5, 6]],
    ['CLOSE_WAIT', [2, 1, 3, 4, 5, 6]],
    ['LAST_ACK', [4, 1, 2, 3, 5, 6]],
    ['UNKNOWN', [1, 2, 3, 4, 5, 6]],
  ])('%s', (sort, ids) => {
    expect(idsOf({ sort })).toEqual(ids);
  });

  it('has a test for every word', () => {
    expect([...SORTS, ...STATES_WITH_LENGTH]).toHaveLength(17);
  });

  it('reversed: the shortest first, those without it still last', () => {
    expect(idsOf({ sort: 'CLOSE_WAIT', reverse: true })).toEqual([3, 4, 1, 2, 5, 6]);
    expect(idsOf({ sort: 'start', reverse: true })[0]).toBe(6);
    expect(idsOf({ reverse: true })).toEqual(ALL.toReversed());
  });

  it('of flows that are filtered and limited: the first of them, and how many there are', () => {
    const filters: FlowFilters = { closedFirst: ['client'] };
    const options = { filters, sort: 'CLOSE_WAIT', reverse: false, limit: 2, readable: true };
    const { answer, total } = listFlows(databaseOf(FLOWS), options);
    expect(Array.from(answer.rows, ([id]) => id)).toEqual([2, 1]);
    expect(total()).toBe(3);
  });
});

describe('columns', () => {
  const columnsOf = (options: Partial<FlowListOptions>) => {
    const all = { filters: {}, reverse: false, readable: true, ...options };
    const { answer } = listFlows(databaseOf(FLOWS), all);
    const names = answer.fields.map(({ name }) => name);
    return Array.from(answer.rows, (row) => Object.fromEntries(names.map((name, i) => [name, row[i]])));
  };

  it('for people: ends as sockets', () => {
    expect(columnsOf({ limit: 1 })[0]).toEqual({
      id: 1,
      client: '10.0.0.1:40000',
      server: '10.0.0.2:80',
      close_kind: 'fin',
      closed_first: 'client',
      close_duration_us: null,
      client_state: 'TIME_WAIT',
      server_state: 'CLOSED',
      start_us: NOON,
    });
  });

  it('for programs: addresses and ports apart, a word that there is none for as NULL', () => {
    expect(columnsOf({ readable: false })[5]).toEqual({
      id: 6,
      start_us: NOON + 30 * second,
      client_ip: '192.168.0.1',
      client_port: 443,
      server_ip: '10.0.0.2',
      server_port: 80,
      close_kind: 'unanswered',
      closed_first: null,
      close_duration_us: null,
      client_state: 'SYN_SENT',
      server_state: null,
    });
  });

  it('add what flows are chosen and put in order by, each once', () => {
    const longerThan = [either({ state: 'CLOSE_WAIT' as const, us: second })];
    const [leak] = columnsOf({ filters: { longerThan }, sort: 'CLOSE_WAIT' });
    expect(leak).toMatchObject({ id: 2, close_wait_us: 30 * second });
    expect(columnsOf({ filters: { resetBy: ['server'] } })[0]).toMatchObject({
      reset_by: 'server',
      reset_kind: 'unread-data-or-linger',
      reset_evidence: null,
    });
    expect(columnsOf({ sort: 'duration' })[0]).toMatchObject({ id: 4, duration_us: 5 * second });
  });

  it('show the longer of two ends that were in the same state', () => {
    expect(columnsOf({ sort: 'CLOSING' })[0]).toMatchObject({ id: 5, closing_us: second - 10 });
  });
});

describe('names of states', () => {
  it.each([
    ['CLOSE_WAIT', 'CLOSE_WAIT'],
    ['close_wait', 'CLOSE_WAIT'],
    ['FIN_WAIT1', 'FIN_WAIT_1'],
    ['fin-wait-2', 'FIN_WAIT_2'],
    ['SYN_RECV', 'SYN_RECEIVED'],
    ['SYN-RECV', 'SYN_RECEIVED'],
    ['ESTAB', 'ESTABLISHED'],
    ['TIME-WAIT', 'TIME_WAIT'],
    ['CLOSE', 'CLOSED'],
    ['LISTEN', undefined],
    ['', undefined],
    ['constructor', undefined],
  ])('%j is %s', (text, state) => {
    expect(stateName(text)).toBe(state);
  });

  it('knows every state by its own name', () => {
    expect(STATES.map(stateName)).toEqual([...STATES]);
  });
});
