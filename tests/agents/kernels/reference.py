"""The agent of worlds in plain NumPy, written from its equations, for reading."""

import numpy as np


class Reference:
    """One group per factor; counts c[u, s, k], critic r[v, s], a window of unfinished steps."""

    def __init__(self, sizes, n_decisions, settings):
        self.set, self.sizes, n = settings, sizes, sum(sizes)
        lam = settings.prior_count
        self.c = np.stack([np.full((n, n_decisions), lam * (n_decisions - 1)),
                           np.full((n, n_decisions), lam)])  # fmt: skip
        self.r = np.stack([np.ones(n), np.zeros(n)])
        self.hi, self.lo, self.var, self.running = 1.0, 0.0, 0.1, 0.0
        self.window = []

    def odds(self, units):
        """exp of ln V1 - ln V0 summed over groups, each V = Hebb / Home, times E1 / E0."""
        n_decisions = self.c.shape[2]
        odds = np.full(n_decisions, 1 / (n_decisions - 1))
        for group, unit in zip(np.split(self.c, np.cumsum(self.sizes)[:-1], axis=1), units):
            home = group.sum(1)
            odds *= self.c[1, unit] / home[1] / (self.c[0, unit] / home[0])
        return odds

    def decide(self, units, uniform):
        share = np.cumsum(self.odds(units))
        return int(np.searchsorted(share, uniform * share[-1], side="right"))

    def risk(self, units):
        return np.mean([self.r[1, s] / self.r[:, s].sum() for s in units])

    def see(self, reward, is_terminal):
        self.running = reward + self.set.discount * self.running
        for_ever = reward > 0 and not is_terminal
        best = max(reward / (1 - self.set.discount) if for_ever else reward, self.running)
        worst, hi, lo = min(reward, self.running), self.hi, self.lo
        if best <= hi + 1e-9 and worst >= lo - 1e-9:
            return
        self.hi = max(best, hi)
        if worst < lo - 1e-9:
            self.lo = worst - 0.25 * (self.hi - worst)
        known, size = self.r[1] > 0, self.r.sum(0)
        value = hi - (hi - lo) * self.r[1] / size
        moved = np.where(known, np.clip((self.hi - value) / (self.hi - self.lo), 0, 1), 0)
        self.r = np.where(known, np.stack([size * (1 - moved), size * moved]), self.r)
        self.var *= ((hi - lo) / (self.hi - self.lo)) ** 2

    def receive(self, units, decision, reward, next_units, is_terminal, is_over):
        self.see(reward, is_terminal)
        self.window.append((units, decision, reward))
        if is_over or len(self.window) == self.set.horizon:
            self.learn(next_units, is_terminal)
            self.window = []
        if is_over:
            self.running = 0.0

    def learn(self, next_units, is_terminal):
        span = self.hi - self.lo
        risk = np.clip(self.hi / span, 0, 1) if is_terminal else self.risk(next_units)
        share = self.set.bootstrap
        for back, (units, decision, reward) in enumerate(reversed(self.window)):
            if back:
                risk = (1 - share) * self.risk(self.window[-back][0]) + share * risk
            gamma = self.set.discount
            risk = np.clip((1 - gamma) * self.hi / span - reward / span + gamma * risk, 0, 1)
            surprise = self.risk(units) - risk
            self.var += self.set.variance_rate * (surprise**2 - self.var)
            trust = np.tanh(self.set.gain * surprise / np.sqrt(self.var))
            taken = np.arange(self.c.shape[2]) == decision
            for s in units:
                floor = 0.01 * self.set.prior_count
                self.c[1, s] = np.where(
                    taken, np.maximum(self.c[1, s] + trust, floor), self.c[1, s]
                )
                self.c[0, s] = np.where(
                    taken, self.c[0, s], np.maximum(self.c[0, s] + trust, floor)
                )
                self.r[:, s] += 1 - risk, risk
                self.r[:, s] *= min(1, self.set.most_counts / self.r[:, s].sum())
