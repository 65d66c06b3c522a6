"""Grouping points by the graph of their neighbours; the data says how many groups there are."""

from __future__ import annotations

from math import ceil, log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.improve.topic_vectors import Points, unit

Labels = NDArray[np.intp]

_COUNTS = (2, 3, 4, 6, 8, 12, 16, 24, 32, 40, 50, 64, 80, 100, 128, 160)
"""Numbers of groups that are tried."""
_SMALLEST_MEAN = 4
"""Messages that a group must hold on average for its number to be tried."""
_RESOLUTION = 2.0
"""Weight of chance in the modularity; more than 1 finds smaller groups. Set on CLINC150."""
_RESTARTS = 2


def grouped(points: Points, count: int | None = None) -> Labels:
    """A group number per point, 0 the largest group.

    Spectral clustering (Ng, Jordan & Weiss 2001) of the graph that joins each point with its
    nearest neighbours. Without a `count` the number of groups is the one with the highest
    modularity (Newman & Girvan 2004; resolution after Reichardt & Bornholdt 2006).
    """
    tried = (count,) if count else _counts(len(points))
    if len(points) <= max(2, tried[0]):
        return np.arange(len(points)) if count else np.zeros(len(points), np.intp)
    graph = _neighbour_graph(points)
    coordinates = _spectral_coordinates(graph, max(tried))
    found = [_k_means(unit(coordinates[:, :k]), k) for k in tried]
    worth = [modularity(graph, labels) for labels in found]
    return _by_size(found[int(np.argmax(worth))])


def _counts(points: int) -> tuple[int, ...]:
    return tuple(k for k in _COUNTS if k * _SMALLEST_MEAN <= points) or (1,)


def _neighbour_graph(points: Points) -> Any:
    """Symmetric adjacency: 1 where either point counts the other among its nearest.

    ln(n) neighbours keep the graph of n points just connected (Maier, Hein & von Luxburg 2009).
    """
    from sklearn.neighbors import NearestNeighbors

    near = ceil(log(len(points)))
    joined = NearestNeighbors(n_neighbors=near, algorithm="brute").fit(points).kneighbors_graph()
    return joined.maximum(joined.T).tocsr()


def _spectral_coordinates(graph: Any, count: int) -> NDArray[np.float64]:
    """Leading eigenvectors of the normalised adjacency, the largest eigenvalue first."""
    from scipy.sparse import diags
    from scipy.sparse.linalg import eigsh

    scale = diags(1 / np.sqrt(np.asarray(graph.sum(axis=1)).ravel()))
    scaled = scale @ graph @ scale
    size = graph.shape[0]
    if count >= size - 1 or size < 200:
        values, vectors = np.linalg.eigh(scaled.toarray())
    else:
        start = np.random.default_rng(0).random(size)
        values, vectors = eigsh(scaled, k=count, which="LA", v0=start, tol=1e-3)
    coordinates: NDArray[np.float64] = vectors[:, np.argsort(-values)][:, :count]
    return coordinates


def _k_means(points: Points, count: int) -> Labels:
    from sklearn.cluster import KMeans

    labels: Labels = KMeans(count, n_init=_RESTARTS, random_state=0).fit_predict(points)
    return labels


def modularity(graph: Any, labels: Labels) -> float:
    """How many more of the edges lie inside the groups than chance would put there; at most 1."""
    edges = graph.tocoo()
    degree = np.bincount(edges.row, edges.data, minlength=len(labels))
    inside = edges.data[labels[edges.row] == labels[edges.col]].sum() / edges.data.sum()
    share = np.bincount(labels, degree) / edges.data.sum()
    return float(inside - _RESOLUTION * (share @ share))


def _by_size(labels: Labels) -> Labels:
    """The same groups, numbered from the largest to the smallest."""
    _, dense = np.unique(labels, return_inverse=True)
    order = np.argsort(-np.bincount(dense), kind="stable")
    place: Labels = np.argsort(order, kind="stable")
    return place[dense]
