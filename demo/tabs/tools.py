"""The tools as Gradio's own MCP server offers them: a page of its own, with nothing to look at."""

from __future__ import annotations

from collections.abc import Callable

import gradio as gr
from starlette.requests import Request

from demo.tools import Tools
from demo.work import incident
from pipelines.errors import MinwonError
from pipelines.wording import explain


def build(tools: Tools) -> gr.Blocks:
    """One endpoint a tool. What their docstrings say is what a language model reads."""

    def list_categories(request: gr.Request) -> str:
        """List the categories of complaints that this office knows, with department and clock."""
        return _said(tools, request, tools.categories)

    def draft_case(  # noqa: D417 - the request is no argument of the tool
        request: gr.Request,
        text: str = "",
        file_base64: str = "",
        file_name: str = "",
        language: str = "",
    ) -> str:
        """Open a complaint from words, from one file, or from both. It is read and drafted, not
        handed in: the citizen does that. Keep the receipt.

        Args:
            text: The complaint in the citizen's own words.
            file_base64: The bytes of one recording, photo, document or video, in base64. Paths and
                addresses are not opened.
            file_name: The sender's name of that file, for showing.
            language: ko, en, ja, zh or es; empty to have it recognised.
        """
        return _said(
            tools,
            request,
            lambda asked: tools.draft(asked, text, file_base64, file_name, language),
        )

    def case_status(  # noqa: D417
        request: gr.Request, number: str, secret: str
    ) -> str:
        """Tell how a complaint stands, with its draft.

        Args:
            number: The receipt number, such as MW-20261124-7F3KQ.
            secret: The receipt's secret code.
        """
        return _said(tools, request, lambda asked: tools.status(asked, number, secret))

    def search_cases(  # noqa: D417
        request: gr.Request, text: str = "", state: str = "", category: str = ""
    ) -> str:
        """Search filed complaints, with personal data masked. For officials: needs a key with the
        right "read" in the header Authorization.

        Args:
            text: A number, or words of the title.
            state: received, working, waiting, answered, merged or withdrawn; empty for all.
            category: A code of list_categories; empty for all.
        """
        return _said(tools, request, lambda asked: tools.search(asked, text, state, category))

    with gr.Blocks(title="minwon-desk", analytics_enabled=False) as page:
        for tool in (list_categories, draft_case, case_status, search_cases):
            gr.api(tool, api_name=tool.__name__, queue=False)
    return page


def _said(tools: Tools, request: gr.Request, tool: Callable[[Request], str]) -> str:
    """The tool's answer, or its refusal as code and sentence."""
    asked: Request = getattr(request, "request", request)  # Gradio hands over either of the two
    try:
        return tool(asked)
    except Exception as exc:  # noqa: BLE001 - the tool's edge: a sentence, no traceback
        error = exc if isinstance(exc, MinwonError) else incident("", exc)
        tools.refused(error.code)
        words = explain(error, tools.api.language(asked))
        raise gr.Error(f"{error.code}: {words}", print_exception=False) from None
