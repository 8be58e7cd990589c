//! Simulated devices, in this process and behind links that another host can open. Apart from the circuits: their deadlines are kept on a machine
//! that does nothing else.

mod device_conformance;
mod device_faults;
mod device_faulty;
mod device_harness;
mod device_replay;
mod device_serial;
mod device_transport;
mod served;
