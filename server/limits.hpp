// SPDX-License-Identifier: MIT
//
// Every limit of the server that is not the protocol's (those are in protocol/wire.h), by name.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tc::limits {

// Fairness: after this much work a connection lets the others of its loop go first. A unit is about
// one GET: a command, a key or tag of it, so many places of a page, removed entries, copied bytes.
inline constexpr std::uint32_t turn_work_max = 256;
inline constexpr std::uint32_t places_per_work = 32;
inline constexpr std::uint32_t removals_per_work = 2;
inline constexpr std::uint32_t work_per_tag_count = 4;
inline constexpr std::uint32_t copied_bytes_per_work = 8192;
inline constexpr std::size_t turn_input_bytes_max = 64 * 1024;
// All connections of a loop together: once a turn has sent so much, which takes the kernel some
// hundred microseconds, or has taken so long, what else there is to execute waits for the next one.
// A connection whose last batches were so small may send on for a while, as far as this one is,
// too.
inline constexpr std::size_t turn_output_bytes_max = 1024 * 1024;
inline constexpr std::size_t turn_output_bytes_max_light = 4 * 1024 * 1024;
inline constexpr std::size_t light_batch_bytes_max = 128 * 1024;
inline constexpr std::uint32_t light_batches_min = 8;
inline constexpr std::uint64_t turn_ns_max = 5'000'000;
// While light connections wait for their turn, one turn in so many is for heavy ones too.
inline constexpr std::uint32_t light_turns_max = 8;

#if defined(TC_TINY_BUFFERS)
// For tests: messages come and go a few bytes at a time, so that each partial path is taken.
inline constexpr std::size_t read_bytes_max = 7;
inline constexpr std::size_t pending_bytes_max = 64;
inline constexpr std::size_t direct_read_bytes_min = 64;
inline constexpr std::size_t direct_read_bytes_max = 7;
inline constexpr std::size_t write_bytes_max = 11;
#else
// One read of the kernel brings at most this; the buffer is the reactor's, not the connection's.
inline constexpr std::size_t read_bytes_max = 64 * 1024;
// So much of what reads brought waits for the poll to end.
inline constexpr std::size_t pending_bytes_max = 32 * 1024;
// A cut-off frame that has grown to this is read in place instead of through the shared buffer, as
// much as comes.
inline constexpr std::size_t direct_read_bytes_min = 16 * 1024;
inline constexpr std::size_t direct_read_bytes_max = SIZE_MAX;
inline constexpr std::size_t write_bytes_max = SIZE_MAX;
#endif

// Back-pressure: with this much unsent, a connection is neither read nor executed any further.
inline constexpr std::size_t unsent_bytes_soft = 1024 * 1024;
// A peer that takes less than this in so long, while replies wait for it, is gone.
inline constexpr std::int64_t progress_bytes_min = 1024;
inline constexpr std::uint64_t progress_ms_max = 10'000;
// Replies of all connections that wait for their readers get this part of the memory for entries,
// unless limits.output_bytes_max says otherwise, and room for a few large ones at least. Requests
// that have not arrived whole get as much.
inline constexpr std::uint64_t buffer_part_of_memory = 20;
inline constexpr std::uint64_t buffer_bytes_default_min = std::uint64_t{64} * 1024 * 1024;
inline constexpr std::uint64_t output_bytes_min = 1024 * 1024;
// No deadline that can be set is longer than a day.
inline constexpr std::uint64_t deadline_ms_ceiling = std::uint64_t{24} * 60 * 60 * 1'000;
// A frame that takes longer than limits.frame_ms_max has to arrive at this rate at least.
inline constexpr std::uint64_t frame_bytes_per_second_min = 64 * 1024;
// A TLS handshake is complete so long after its first byte.
inline constexpr std::uint64_t tls_handshake_ms_max = 5'000;
// After the last reply, what the peer still sends is thrown away for so long and so much, so that a
// reset does not overtake the reply. A frame that is too large may well have been sent whole.
inline constexpr std::uint64_t linger_ms_max = 1'000;
inline constexpr std::size_t linger_bytes_max = std::size_t{64} * 1024 * 1024;

// Buffers of idle connections are given back above this.
inline constexpr std::size_t idle_buffer_bytes_max = 0;
inline constexpr std::size_t replies_buffer_bytes_kept = 2 * unsent_bytes_soft;

// A value from this size on is sent from where it lies; below, copying it is cheaper than one more
// piece of the write.
inline constexpr std::size_t referred_value_bytes_min = 8192;

// What a client is told to wait after OUT_OF_MEMORY.
inline constexpr std::uint32_t out_of_memory_retry_ms = 1'000;

// Errands that wait for their turn: passwords to hash, changes of users. At some 30 ms each, the
// last one waits two seconds.
inline constexpr std::size_t errands_max = 64;
// Passwords, which anybody may send, leave some places to who changes the users.
inline constexpr std::size_t password_errands_max = 48;
// Connections of a reactor that wait for being closed by CLIENT KILL, which is a turn of its loop.
inline constexpr std::size_t kills_max = 64;
inline constexpr std::uint32_t kills_retry_ms = 100;
inline constexpr std::uint32_t errands_retry_ms = 1'000;
// A connection that has to authenticate does so within this, counted from its last refusal, and has
// so many refusals.
inline constexpr std::uint64_t authentication_ms_max = 5'000;
inline constexpr std::uint8_t refused_auths_max = 3;
// Those that have yet to authenticate are at most this part of the connections, so that nobody
// without credentials keeps out those who have some.
inline constexpr std::uint32_t unauthenticated_part = 4;

inline constexpr std::uint32_t accepts_per_turn_max = 16;
inline constexpr std::uint32_t listen_backlog = 1024;
inline constexpr std::uint32_t connections_default = 10'000;
inline constexpr std::uint32_t connections_ceiling = 1'000'000;
inline constexpr std::uint32_t reactors_max = 64;
inline constexpr std::size_t bind_addresses_max = 16;
// What the system takes as the path of a Unix socket, and as any other path. CONFIG can show every
// text that is no longer.
inline constexpr std::size_t unix_path_bytes_max = 107;
inline constexpr std::size_t text_bytes_max = 4095;
// File descriptors that are not connections: listeners, event queues, standard streams.
inline constexpr std::uint32_t reserved_fds = 32;
inline constexpr std::uint32_t reserved_fds_per_reactor = 4;

inline constexpr std::uint64_t tick_ms = 100;
// A turn this long is told of when it is over. The watchdog looks so often for loops that have not
// turned for so long, which ticks would have seen to; and after so long they count as dead.
inline constexpr std::uint64_t loop_lag_ns = 100'000'000;
inline constexpr std::uint64_t watch_ms = 500;
inline constexpr std::uint64_t loop_hang_ms = 1'000;
inline constexpr std::uint64_t loop_dead_ms = 10'000;
// Each connection's deadlines are looked at once in so many ticks.
inline constexpr std::uint32_t deadline_check_ticks = 10;
// Entries that a slice of the store's upkeep touches: some 50 us. While there is work left a slice
// is part of each turn, and turns follow one another without a rest.
inline constexpr std::uint32_t upkeep_per_turn = 256;

// At the limit of memory a large frame waits for what is retired rather than be refused, but no
// longer than this; and if that was in vain, no frame waits until the pause is over.
inline constexpr std::size_t room_wait_frame_bytes_min = 4096;
inline constexpr std::uint64_t room_wait_ms_max = 100;
inline constexpr std::uint64_t room_wait_pause_ms = 1'000;

// Hot names: about one use in so many is counted, a reactor has so many counters for keys and as
// many for tags, and counts are halved so often. A span shorter than the last is no basis for a
// rate.
inline constexpr std::uint32_t hot_sample_interval = 48;
inline constexpr std::size_t hot_names_max = 512;
inline constexpr std::size_t hot_names_per_set = 8;
inline constexpr std::uint64_t hot_half_life_ms = 4'000;
inline constexpr std::uint64_t hot_span_ms_min = 1'000;

// Graceful stop: requests that are on their way get this long to arrive, replies this long to
// leave.
inline constexpr std::uint64_t stop_arrival_ms = 100;
inline constexpr std::uint64_t stop_ms_max = 5'000;

// A running server can be given so many times the memory that it was started with, as far as the
// machine has it: address space is kept for so much, and some places have little of that.
inline constexpr std::uint64_t memory_growth_max = 4;

// A value has to be a small part of the memory, or a few of them empty it.
inline constexpr std::uint64_t memory_per_value_min = 64;
inline constexpr std::uint64_t memory_bytes_min = std::uint64_t{64} * 1024 * 1024;
// All the address space that a process has on the usual machines.
inline constexpr std::uint64_t memory_bytes_max = std::uint64_t{1} << 47;

}  // namespace tc::limits
