"""The exact worst case of the last iterate, for any steps and any gradient norms.

Theorem. Let x_{k+1} = x_k − h_k g_k for k = 1…T−1, with h_k > 0, f convex, g_k a subgradient of f
at x_k, ‖x_1 − x*‖ <= D and ‖g_k‖ <= G_k for k = 1…T. Then the largest possible f(x_T) − f* is

    (U)  W = min over A_0, …, A_{T−1} > 0 of  D²/(4A_0) + Σ_{j<T} G_j² B_j + G_T² A_{T−1},
             B_j = max(A_{j−1} − A_j − h_j, h_j²/(4A_j)),
    (L)  W = max over 0 <= e_1 <= … <= e_T <= G_T², e_j <= G_j², of
             D √e_1 − Σ_{j<T} h_j b_j,   b_j = e_j − √((e_{j+1} − e_j)(G_j² − e_j)).

(U) is convex in A and h together, (L) concave in e. Every A gives an upper bound, which holds in
expectation for stochastic subgradients as well; every e a lower one: together, a certificate.

(U) is a bound. Let A'_{j−1} = A_j + h_j + B_j, which is at least A_{j−1}, and let σ_j be such that
A'_{j−1} = (1 + σ_j)(A_j + h_j/2); then B_j >= h_j²/(4A_j) says that σ_j A_j >= h_j/2. From
R_{T−1} = 1 and R_{j−1} = (1 + σ_j) R_j, scaled to R_0 = 1, come the weights w_0 = 1,
w_j = 1/R_j − 1/R_{j−1}, a_j = R_{j−1} − R_j and a_T = R_{T−1}, all >= 0. Add up the inequalities
f_k − f_j + ⟨g_k, x_j − x_k⟩ <= 0, j < k, each a_k w_j times (x_0 = x*, f_0 = f*; x_j lies in the
past of g_k, hence the expectations). As Σ_{j<k} w_j = 1/R_{k−1} and Σ_{k>j} a_k = R_j, all f_k
between cancel, and

    f(x_T) − f* <= ⟨x_1 − x*, m_0⟩ − Σ_{j<T} h_j ⟨g_j, m_j⟩,   m_j = Σ_{k>j} a_k g_k / R_j:

m_{T−1} = g_T and m_{j−1} = (σ_j g_j + m_j)/(1 + σ_j). For every j, by expanding the squares,

    A'_{j−1} ‖m_{j−1}‖² − h_j ⟨g_j, m_j⟩ = B_j ‖g_j‖² + A_j ‖m_j‖² − c_j ‖g_j − m_j‖²

with c_j = (σ_j A_j − h_j/2)/(1 + σ_j) >= 0. Put A_{j−1} for A'_{j−1}, add up over j, and use
⟨x_1 − x*, m_0⟩ <= D²/(4A_0) + A_0 ‖m_0‖².

(L) is not above (U). As D √e_1 <= D²/(4A_0) + A_0 e_1, as √(p q) <= A_j p/h_j + h_j q/(4A_j), and
as B_j G_j² >= (A_{j−1} − A_j − h_j) e_j + (G_j² − e_j) h_j²/(4A_j), the difference is at least
Σ_{j<T} (A_{j−1} e_j − A_j e_{j+1}) − A_0 e_1 + A_{T−1} G_T² = A_{T−1} (G_T² − e_T) >= 0.

They meet. (U) has a minimum if D and all G_t are positive: it grows without limit where an A_j goes
to 0 or to ∞. Let e_j be the multiplier of the first term of B_j there. Stationarity in A_0, A_j and
A_{T−1} says

    e_1 = D²/(4A_0²),   e_{j+1} = e_j + (G_j² − e_j) ρ_j²  with ρ_j = h_j/(2A_j),   e_T = G_T²:

e is feasible, and in all three inequalities of the last paragraph equality holds.

It is attained. Let x* = 0, f* = 0, x_1 = D u_0 and y_1 = √e_1 u_0 with u_0, u_1, … orthonormal,
g_j = y_j + √(G_j² − e_j) u_j, y_{j+1} = y_j − √(e_{j+1} − e_j) u_j, f_k = D √e_1 − Σ_{i<k} h_i b_i
and f(x) the largest of 0 and all f_k + ⟨g_k, x − x_k⟩. As ‖y_j‖² = e_j and ⟨g_j, y_{j+1}⟩ = b_j,
⟨g_j, g_k⟩ = b_j for all k > j. So f_j = f_k + ⟨g_k, x_j − x_k⟩ for j < k, and
0 = f_k + ⟨g_k, −x_k⟩. For j > k it must be shown that

    f_j − f_k − ⟨g_k, x_j − x_k⟩ = h_k (G_k² − b_k) − Σ_{k<i<j} h_i (b_i − b_k) >= 0.

By stationarity b_j = e_j − (G_j² − e_j) ρ_j, hence h_k (G_k² − b_k) = 2A_k (e_{k+1} − b_k), and for
every i, as A_{i−1} >= A_i + h_i + h_i²/(4A_i) wherever e_i > 0,

    2A_{i−1} (e_i − b_k) − h_i (b_i − b_k) − 2A_i (e_{i+1} − b_k)
        = (2A_{i−1} − 2A_i − h_i)(e_i − b_k) >= 0.

So at least 2A_{j−1} (e_j − b_k) >= 0 is left. With 0 for b_k, and D √e_1 = 2A_0 e_1, the same says
f_j >= 2A_{j−1} e_j >= 0. Hence f_k = f(x_k), g_k is a subgradient there, and f(x_T) − f* is (L).

Corollaries.

- Constant G, one pass. With a = 0; for k = T−1 … 1: b = max(a, h_k/2), a = b + h_k + h_k²/(4b), and
  A = max(a, D/(2G)), W = D²/(4A) + G² (A − Σh). Every term of a − Σh = Σ (b − a_before + h_k²/(4b))
  is >= 0. The best base LR is D/(2G √(a (a − Σh))), and the worst case then D G √(1 − Σh/a).
- Best base LR. With C(x) the minimum of (U) without its first term for A_0 = x, and h = γη, W is
  D²/(4γx) + γ C(x): least where x C'(x) = C(x), C' = e_1, with W = D √(C(x)/x). If C > x C' for all
  x, no γ > 0 is best: γ → 0 gives D min_t G_t.
- Best schedule. If b = 0, (L) does not depend on h: 1/e_{j+1} = 1/e_j − 1/G_j² with e_T = G_T², so
  that e_1 = 1/Σ_t G_t^{−2}. So no schedule has W < D/√(Σ_t G_t^{−2}), and the refined schedule of
  arXiv:2310.07831 reaches it (`scheduled.bounds.optimal.optimal_schedule_for`).
- Gradients: ∂W/∂h_j = −b_j, ∂W/∂G_j² = B_j, ∂W/∂G_T² = A_{T−1}, ∂W/∂D = √e_1.
- The bound of arXiv:2307.11134, for any schedule min_s B(s), is (U) with A_{j−1} = φ_j(A_j) for all
  j, where φ_j(A) = (A + h_j/2)²/A is what makes both terms of B_j equal. What it lacks is slack,
  A_{j−1} > φ_j(A_j), which pays only where e_j = G_j², that is where G_j is below all later norms.

Edges. A step of 0 is left out, with its G_t; η_T has no influence. If G_T = 0, W = 0. If G_k = 0,
then x_k is a minimiser: all starts again there, with D = 0, and without a first term.

The walk. Let C_j(x) be the least cost of all that comes after A_j = x; its slope is e_{j+1}. Given
A_{j−1}, the best A_j is the minimiser of C_j(x) − G_j² x, clipped to [l, u], the two roots of
φ_j(A) = A_{j−1}. For all j but the *candidates*, where G_j is below all later norms, it is u. So a
slope costs one walk: forwards through the A_j, taking u, to the end or to a slack, and back from
e_T = G_T² (or e_j = G_j² at a slack) by the recursion for e. At a candidate, the sign of
e_{j+1} − G_j² tells u from l or slack; if u was wrong, the walk goes on from l. Every such sign is
kept, as it bounds the minimiser. A_0 is the root of C_0'(x) = D²/(4x²), and the A_j after a slack
that of C_j'(x) = G_j².

Accuracy. Walks run on A_j − a_j, where a_j is the end of the domain,
a_{j−1} = φ_j(max(a_j, h_j/2)), as the minimum may be as close to a_j as 1e-300. At l the recursion
for e is taken from G_j², not from e_{j+1}, which cancels. (U) is summed with A taken backwards from
its end and the slacks, where relative errors shrink. (L) is the best path through three e:
forwards, backwards, and forwards but for where ρ² > 2. Norms that vary by factors of e^16, and T up
to 10^5, left a gap of 1e-12 at most (``python -m benchmarks exact``); `ExactWorstCase.gap` tells.

References
----------
.. [1] M. Zamani & F. Glineur, arXiv:2307.11134: the worst case for constant steps and norms.
.. [2] A. Defazio et al., arXiv:2310.07831, schedule refinement.
.. [3] A. Taylor, J. Hendrickx & F. Glineur, arXiv:1502.05666: interpolation, worst cases as SDPs.
.. [4] F. Schaipp et al., arXiv:2501.18965, the last-iterate bound Ω_T and its schedules.
"""

from scheduled.bounds.exact.certificate import (
    TOLERANCE,
    ExactWorstCase,
    WorstFunction,
    exact_worst_case,
)
from scheduled.bounds.exact.values import exact_bound, exact_curve, exact_optimal_base

__all__ = [
    "TOLERANCE",
    "ExactWorstCase",
    "WorstFunction",
    "exact_bound",
    "exact_curve",
    "exact_optimal_base",
    "exact_worst_case",
]
