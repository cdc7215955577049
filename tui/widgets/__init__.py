"""Our widgets: lines of spans, drawn with Textual's line API. None of them reads markup."""
