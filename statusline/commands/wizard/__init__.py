"""The screens of `statusline configure`."""
