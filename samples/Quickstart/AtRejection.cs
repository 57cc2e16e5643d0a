namespace Quickstart;

/// <summary>What a worker does between recording a rejection in its state file and telling the broker.</summary>
internal enum AtRejection
{
    /// <summary>It goes on.</summary>
    GoOn,

    /// <summary>It stands still, so that the story can kill it at exactly this moment, which is the worst one.</summary>
    StandStill,
}
