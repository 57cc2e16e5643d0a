namespace ReliableQueue.Simulation;

/// <summary>A mistake made on purpose, in test code only, to prove that the checker would see it. Each has been made by a real queue.</summary>
internal enum PlantedBug
{
    None,

    // The broker.
    AckWithoutFence,
    RetryWithoutFence,
    RenewWithoutFence,
    EnqueueTwiceWhenRepeated,
    LeaseTwiceWhenRepeated,
    ReclaimByTheWorkersClock,
    CountAtSettlement,
    ReclaimDropsTheMessage,
    NoReclaim,
    ReturnSkipsMessages,
    ReturnDoesNotFence,
    ReleaseIsCounted,
    FenceGoesBack,
    SuspectsIgnored,
    NoDeliveryLimit,
    EnqueueAnsweredButNotStored,
    SettlementAnsweredButNotDone,
    PromotionTooLate,
    RenewalIgnored,
    LeaseAgainWhileLeased,
    DeadLetterDropped,
    NothingLeasedBesideASuspect,
    ReturnHidesTheLoss,

    // The worker and what it stands on.
    AckBeforeRun,
    CompletionJournalledAfterTheAck,
    JournalNotSynced,
    FailedRowsLeftInTheFile,
    RecallNotConsulted,
    UnsentNotRecorded,
    RejectionRecordedAfterTheBrokerWasTold,
    SessionNotRecorded,
    EarlierSessionsForgotten,
    DeadlineCountedFromTheReply,
    NoRenewal,
    SlotFreedBeforeTheAnswer,
    RegressionUnnoticed,
    SecondQueueNotRenewed,
    RenewalOnThePool,
    EndedSessionKept,
    DamagedRowDropsTheRest,
}
