"""The video page: one clip at a time, its timeline, frames, draft, answers and downloads."""
