"""The table: event, numbers judged, violations, for fresh seeds of every scenario, on all processors."""
from __future__ import annotations
import sys, time
from multiprocessing import Pool
from tests.simulation import scenarios
from tests.simulation.scenario import SCENARIOS
from tests.simulation.reference import Reference
def one(job):
    name, seed = job
    s = SCENARIOS[name]; t = time.process_time()
    w = s.run(Reference(may_ask=s.may_ask), seed)
    return name, seed, w.oracle.verdict, dict(w.happened), time.process_time() - t
if __name__ == "__main__":
    n = int(sys.argv[1]); names = sys.argv[2:] or list(SCENARIOS)
    import collections
    tot = {}
    with Pool(2) as p:
        for name, seed, v, h, t in p.imap_unordered(one, [(a, s) for a in names for s in range(1, n + 1)]):
            r = tot.setdefault(name, [0, collections.Counter(), collections.Counter(), collections.Counter(), {}, 0, 0, collections.Counter()])
            r[0] += v.judged; r[1].update(v.violations); r[2].update(v.gaps); r[3].update(v.notes); [r[4].setdefault(k, f"seed {seed} {x}") for k, x in v.examples.items()]; r[5] = max(r[5], v.most_requests); r[6] += t; r[7].update(h)
    for name in names:
        r = tot[name]
        print(name, r[0], dict(r[1]), dict(r[2]), dict(r[3]), 'req', r[5], '%.1fs' % r[6], r[7]['ticks'], r[7]['refreshes'])
        for k in r[1]: print('     ', k, '::', r[4][k])
    print('ALL', sum(r[0] for r in tot.values()), sum((r[1] for r in tot.values()), collections.Counter()), sum((r[2] for r in tot.values()), collections.Counter()), sum((r[3] for r in tot.values()), collections.Counter()), '%.0fs' % sum(r[6] for r in tot.values()), sum(r[7]['ticks'] for r in tot.values()), sum(r[7]['refreshes'] for r in tot.values()))
