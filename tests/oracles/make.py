"""Makes figures.json: what independent programs say, for the tests of src/stats and src/signals.

    python tests/oracles/make.py > tests/oracles/figures.json

Made with Python 3.11, numpy 2.4.6, scipy 1.17.1, pandas 3.1.1, ruptures 1.1.10, datasketch 2.0.0,
scikit-learn 1.9.1. The inputs are drawn with a fixed seed and stored beside the figures, so that a test needs nothing
but the file.
"""

import json

import datasketch
import numpy as np
import pandas as pd
import ruptures
import scipy.spatial.distance
import scipy.special
import scipy.stats
import sklearn.calibration
import sklearn.metrics

rng = np.random.default_rng(20260302)


def rounded(values, digits=6):
    return [round(float(x), digits) for x in values]


def change_points():
    def series(*levels):
        return rounded(np.concatenate([rng.normal(level, 1.0, n) for level, n in levels]))

    all_of_them = [
        (series((0, 40)), 2),
        (series((0, 10), (6, 20), (2, 14)), 2),
        (series((3, 5), (9, 5), (3, 5), (12, 6), (0, 9)), 3),
        (series((1, 60), (2, 60)), 2),
        (rounded(2 * np.sqrt(rng.poisson(np.repeat([1, 1, 30, 45, 45], 7)) + 0.375)), 2),
    ]
    for values, shortest in all_of_them:
        penalty = 2 * np.log(len(values))
        model = ruptures.Pelt(model="l2", min_size=shortest, jump=1).fit(np.array(values))
        changes = model.predict(pen=penalty)[:-1]
        yield dict(values=values, shortest=shortest, penalty=penalty, changes=[int(x) for x in changes])


def variance_ratio():
    for n, bins in [(2, 10), (5, 48), (9, 200)]:
        series = rng.poisson(3, (n, bins)).astype(float)
        series[0] += rng.poisson(2, bins) * (series[1] == 0)
        covariance = np.cov(series)
        ratio = np.var(series.sum(axis=0), ddof=1) / np.trace(covariance)
        yield dict(series=series.tolist(), ratio=float(ratio))


def contingency():
    for shape in [(2, 2), (3, 8), (12, 5)]:
        table = rng.poisson(4, shape) + 1
        found = scipy.stats.chi2_contingency(table, correction=False)
        yield dict(table=table.tolist(), x2=float(found.statistic), df=int(found.dof))


def poisson():
    for k, mean in [(1, 0.5), (3, 0.01), (5, 5.0), (40, 25.0), (90, 100.0), (100, 90.0), (60, 1e-3), (30, 7.5)]:
        # Far out scipy's logsf loses itself; there the series is summed here.
        j = np.arange(k, k + 4000, dtype=float)
        ln_p = scipy.special.logsumexp(j * np.log(mean) - mean - scipy.special.gammaln(j + 1))
        direct = scipy.stats.poisson.logsf(k - 1, mean)
        assert not np.isfinite(direct) or abs(ln_p - direct) < 1e-8 * max(1, abs(direct)), (k, mean)
        yield dict(k=k, mean=mean, ln_p=float(ln_p))


def ln_gamma():
    for x in [0.1, 0.5, 1.0, 2.0, 4.5, 171.3, 1e6]:
        yield dict(x=x, value=float(scipy.special.gammaln(x)))


def session_shape():
    for n, gap in [(60, 8.0), (200, 40.0), (90, 900.0)]:
        rows = pd.DataFrame({
            "ts": np.cumsum(np.round(rng.exponential(gap, n) * 1e6)).astype("int64"),
            "latency_ms": rng.integers(300, 9000, n),
            "output_tokens": rng.integers(1, 400, n),
        })
        rows.loc[3, "latency_ms"] = -1
        pause = rows.ts.diff().shift(-1)
        known = (pause < 1.8e9) & (rows.latency_ms >= 0)
        unread = known & (pause < rows.latency_ms * 1e3 + rows.output_tokens / (238 / 60 / 0.75) * 1e6)
        session = (rows.ts.diff() >= 1.8e9).cumsum()
        sizes = session.value_counts()
        yield dict(ts=rows.ts.tolist(), latency_ms=rows.latency_ms.tolist(), output_tokens=rows.output_tokens.tolist(),
                   unread=float(unread.sum() / known.sum()), first=int(unread.idxmax()),
                   single=int((sizes == 1).sum()), sessions=len(sizes))


def onset():
    for before, means in [(0, [1, 2, 8, 30, 30, 31, 29, 33, 30, 28]), (3, [20] * 20), (40, [5] * 9 + [60] * 12 + [20] * 9)]:
        counts = rng.poisson(means) + 2
        even = 2 * np.sqrt(counts + 0.375)
        sigma2 = (np.median(np.abs(np.diff(even))) / scipy.stats.norm.ppf(0.75)) ** 2 / 2
        penalty = 2 * max(sigma2, 1) * np.log(len(counts))
        ends = ruptures.Pelt(model="l2", min_size=2, jump=1).fit(even).predict(pen=penalty)
        levels = [(counts[a:b].mean(), -a) for a, b in zip([0] + ends, ends)]
        level, at = max(levels)
        yield dict(days_before=before, counts=counts.tolist(), changes=len(ends) - 1, level=float(level),
                   slope=float(level / (before - at + 1)))


def hand_over():
    for accounts, days, busy in [(2, 8, 0.2), (5, 20, 0.1)]:
        active = rng.random((accounts, days * 24)) < busy
        active[1] &= ~active[0]
        active[0, 0] = active[0, -1] = True
        ratio = active.sum(axis=0).var() / active.var(axis=1).sum()
        yield dict(hours=[np.flatnonzero(one).tolist() for one in active], ratio=float(ratio))


def homogeneity():
    for accounts, sessions in [(3, 12), (8, 30)]:
        rows = pd.DataFrame({
            "account": np.repeat(np.arange(accounts), sessions),
            "topics": rng.integers(0, 9, accounts * sessions) * (1 + np.repeat(np.arange(accounts), sessions) % 2),
            "hours": rng.integers(0, 24, accounts * sessions),
            "lengths": rng.integers(3, 9, accounts * sessions),
        })
        ratios = {}
        for name in ["topics", "hours", "lengths"]:
            found = scipy.stats.chi2_contingency(pd.crosstab(rows.account, rows[name]), correction=False)
            ratios[name] = float(found.statistic / found.dof)
        mean = float(scipy.stats.gmean(list(ratios.values())))
        each = [own[["topics", "hours", "lengths"]].values.tolist() for _, own in rows.groupby("account")]
        yield dict(accounts=each, mean=mean, **ratios)


def co_use():
    accounts, days = 12, 15
    events = []
    for day in range(days):
        for account in range(accounts):
            for hour in rng.choice(24, 2, replace=False):
                events.append((account, int(rng.integers(0, 6)), day * 24 + int(hour)))
        meeting = day * 24 + int(rng.integers(0, 24))
        events += [(account, 10 + day % 3, meeting) for account in [2, 5, 7]]
    rows = pd.DataFrame(events, columns=["account", "object", "hour"]).drop_duplicates()
    rows["day"] = rows.hour // 24
    rows["of_day"] = rows.hour % 24
    met = rows.merge(rows, on=["object", "hour", "day"])
    met = met[met.account_x < met.account_y].drop_duplicates(["account_x", "account_y", "object", "day"])
    shared = met.groupby(["account_x", "account_y"]).size()
    could = rows.merge(rows, on=["object", "of_day"])
    could = could[could.account_x < could.account_y]
    could = could.drop_duplicates(["account_x", "account_y", "object", "day_x", "day_y"])
    expected = could.groupby(["account_x", "account_y"]).size() / days
    index = [(a, b) for a in range(accounts) for b in range(a + 1, accounts)]
    shared = shared.reindex(index, fill_value=0)
    expected = expected.reindex(index, fill_value=0.0)
    p = np.where(shared >= 3, scipy.stats.poisson.sf(shared - 1, expected), 1.0)
    q = scipy.stats.false_discovery_control(p)
    pairs = [
        [a, b, int(shared.iloc[at]), float(expected.iloc[at]), float(scipy.stats.poisson.logsf(shared.iloc[at] - 1, expected.iloc[at]))]
        for at, (a, b) in enumerate(index) if q[at] <= 0.01
    ]
    assert pairs
    yield dict(accounts=accounts, events=events, pairs=pairs)


def mmd():
    for m, n, dimensions, shift in [(6, 9, 5, 0.0), (20, 12, 16, 0.7)]:
        x = np.float32(np.round(rng.normal(0, 1, (m, dimensions)), 5)).astype(float)
        y = np.float32(np.round(rng.normal(shift, 1.3, (n, dimensions)), 5)).astype(float)
        median = float(np.median(scipy.spatial.distance.pdist(y)))

        def kernel(a, b):
            squared = scipy.spatial.distance.cdist(a, b, "sqeuclidean")
            return np.mean([np.exp(-squared / (2 * (median * c) ** 2)) for c in (0.5, 1, 2, 4)], axis=0)

        kx, ky = kernel(x, x), kernel(y, y)
        mmd2 = (kx.sum() - np.trace(kx)) / (m * (m - 1)) + (ky.sum() - np.trace(ky)) / (n * (n - 1))
        mmd2 -= 2 * kernel(x, y).mean()
        yield dict(x=np.round(x, 6).tolist(), y=np.round(y, 6).tolist(), median=median, mmd2=float(mmd2))


def beta_binomial():
    for k, n, alpha, beta in [(3, 64, 0.4, 9.0), (40, 64, 2.0, 3.0), (0, 20, 1.0, 1.0), (64, 64, 0.2, 50.0), (9, 30, 5.0, 95.0)]:
        posterior, prior = scipy.stats.beta(k + alpha, n - k + beta).mean(), scipy.stats.beta(alpha, beta).mean()
        log_odds = float(scipy.special.logit(posterior) - scipy.special.logit(prior))
        yield dict(k=k, n=n, alpha=alpha, beta=beta, log_odds=log_odds)


def beta_binomial_fit():
    for alpha, beta in [(0.5, 9.5), (3.0, 12.0)]:
        n = rng.integers(30, 65, 600)
        k = scipy.stats.betabinom.rvs(n, alpha, beta, random_state=rng)
        yield dict(alpha=alpha, beta=beta, counts=np.column_stack([k, n]).tolist())


def minhash():
    for size, shared in [(60, 60), (80, 66), (40, 20), (100, 5)]:
        a, b = list(range(size)), list(range(size - shared, 2 * size - shared))
        sketches = []
        for one in (a, b):
            sketch = datasketch.MinHash(num_perm=128, seed=7)
            sketch.update_batch([str(x).encode() for x in one])
            sketches.append(sketch)
        exact = len(set(a) & set(b)) / len(set(a) | set(b))
        yield dict(a=a, b=b, jaccard=exact, datasketch=float(sketches[0].jaccard(sketches[1])))


def shingles():
    fixed = "please read the following customer message and answer in a friendly tone using at most three short sentences"
    texts = [
        (fixed + " my parcel never came", fixed + " where is my refund"),
        (fixed + " thanks", fixed + " thanks a lot"),
        (fixed, "tell me a story about a lighthouse keeper who finds a letter in a bottle on a grey winter morning"),
    ]
    for a, b in texts:
        sets = [{tuple(text.split()[i:i + 5]) for i in range(len(text.split()) - 4)} for text in (a, b)]
        yield dict(a=a, b=b, jaccard=len(sets[0] & sets[1]) / len(sets[0] | sets[1]))


def weighted_average_precision():
    for n in (12, 60, 200):
        scores = rounded(np.round(rng.normal(0, 1, n), 1 if n < 200 else 6))
        positive = (rng.random(n) < 0.3).astype(int)
        weights = rng.integers(0, 4, n)
        positive[0], weights[0] = 1, 2
        area = sklearn.metrics.average_precision_score(positive, scores, sample_weight=weights)
        yield dict(scores=scores, positive=positive.tolist(), weights=weights.tolist(), area=float(area))


def calibration():
    for n, bins in [(40, 5), (300, 10)]:
        probabilities = np.round(rng.beta(0.4, 0.6, n), 6)
        probabilities[:4] = [0, 1, 0.2, 0.4]
        happened = (rng.random(n) < probabilities ** 2).astype(int)
        weights = rng.integers(0, 4, n)
        score = sklearn.metrics.brier_score_loss(happened, probabilities, sample_weight=weights)
        shares, stated = sklearn.calibration.calibration_curve(happened, probabilities, n_bins=bins)
        yield dict(probabilities=probabilities.tolist(), happened=happened.tolist(), weights=weights.tolist(),
                   brier=float(score), edges=np.linspace(0, 1, bins + 1).tolist(), stated=stated.tolist(),
                   shares=shares.tolist())


def percentile_interval():
    for n in (1, 2, 40, 999, 1000):
        values = rounded(rng.normal(0, 1, n), 3)
        interval = np.quantile(values, [0.025, 0.975], method="inverted_cdf")
        yield dict(values=values, interval=interval.tolist())


sections = [change_points, variance_ratio, contingency, poisson, ln_gamma, session_shape, onset, hand_over,
            homogeneity, co_use, mmd, beta_binomial, beta_binomial_fit, minhash,
            shingles, weighted_average_precision, calibration, percentile_interval]
print("{")
for at, section in enumerate(sections):
    cases = ",\n  ".join(json.dumps(case) for case in section())
    print(f' "{section.__name__}": [\n  {cases}\n ]' + ("," if at + 1 < len(sections) else ""))
print("}")
