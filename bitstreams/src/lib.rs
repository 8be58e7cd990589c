//! What a bitstream promises: kernel ABI, register map, configs and boards.
