"""Small pieces that every part of the runtime may use."""
