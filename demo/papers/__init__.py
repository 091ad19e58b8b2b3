"""The officials' papers: sessions in memory, lanes of work, pages to look at, exports."""
