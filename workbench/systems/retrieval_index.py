"""The index over the sections of one language: BM25 and vectors of llama-index, fused by rank."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.systems.retrieval_vectors import vector_of

if TYPE_CHECKING:
    from llama_index.core.base.base_retriever import BaseRetriever
    from llama_index.core.base.embeddings.base import BaseEmbedding

_CANDIDATES = 8
_KEYWORDS, _VECTORS = "keywords", "vectors"


def build_index(documents: Sequence[Sequence[str]], rarity: dict[str, float], out: Path) -> None:
    """Index documents, given as terms, and write both parts below `out`; ids are positions."""
    from llama_index.core import StorageContext, VectorStoreIndex
    from llama_index.core.schema import TextNode
    from llama_index.retrievers.bm25 import BM25Retriever

    nodes = [TextNode(id_=str(n), text=" ".join(terms)) for n, terms in enumerate(documents)]
    keywords = BM25Retriever.from_defaults(
        nodes=nodes, similarity_top_k=min(_CANDIDATES, len(nodes)), skip_stemming=True
    )
    keywords.persist(str(out / _KEYWORDS), show_progress=False)
    index = VectorStoreIndex(
        nodes, embed_model=_embedding(rarity), storage_context=StorageContext.from_defaults()
    )
    index.storage_context.persist(str(out / _VECTORS))


class SectionIndex:
    """Finds the sections that may answer a question, given as terms."""

    def __init__(self, folder: Path, rarity: dict[str, float]) -> None:
        self._retriever = _load(folder, rarity)

    def candidates(self, terms: Sequence[str]) -> list[int]:
        """Positions of sections, best first by reciprocal rank of both searches."""
        found = self._retriever.retrieve(" ".join(terms))
        return [int(each.node.node_id) for each in found]


def _load(folder: Path, rarity: dict[str, float]) -> BaseRetriever:
    from llama_index.core import StorageContext, load_index_from_storage
    from llama_index.core.llms.mock import MockLLM
    from llama_index.core.retrievers import QueryFusionRetriever
    from llama_index.core.retrievers.fusion_retriever import FUSION_MODES
    from llama_index.retrievers.bm25 import BM25Retriever

    keywords = BM25Retriever.from_persist_dir(str(folder / _KEYWORDS), show_progress=False)
    keywords.skip_stemming = True
    storage = StorageContext.from_defaults(persist_dir=str(folder / _VECTORS))
    index: Any = load_index_from_storage(storage, embed_model=_embedding(rarity))
    return QueryFusionRetriever(
        [keywords, index.as_retriever(similarity_top_k=_CANDIDATES)],
        llm=MockLLM(),
        mode=FUSION_MODES.RECIPROCAL_RANK,
        similarity_top_k=_CANDIDATES,
        num_queries=1,
        use_async=False,
    )


def _embedding(rarity: dict[str, float]) -> BaseEmbedding:
    """The own vectors behind llama-index's embedding interface."""
    from llama_index.core.base.embeddings.base import BaseEmbedding

    class TermEmbedding(BaseEmbedding):
        def _get_query_embedding(self, query: str) -> list[float]:
            numbers: list[float] = vector_of(query.split(), rarity).tolist()
            return numbers

        def _get_text_embedding(self, text: str) -> list[float]:
            return self._get_query_embedding(text)

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_query_embedding(query)

    return TermEmbedding(model_name="hashed-terms")
