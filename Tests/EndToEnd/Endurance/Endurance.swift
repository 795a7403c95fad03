import Testing

/// What loads the machine: one after the other, so that each measures itself.
@Suite("sluice-proxy endures", .serialized)
enum Endurance {}
