namespace ReliableQueue.Tests.Snippets;

/// <summary>The code of docs/retries.md.</summary>
internal static class RetrySnippets
{
    public static void Configure(QueueOptions queue)
    {
        #region RetryRules
        queue.RetryFor = TimeSpan.FromHours(6);
        queue.Retry.MaxDeliveries = 1_000;
        queue.Retry
            .On<HttpRequestException>(Backoff.Exponential(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5)), (exception, _) => exception.StatusCode is not System.Net.HttpStatusCode.Gone)
            .On<TimeoutException>(Backoff.Fixed(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1)))
            .Reject<FormatException>();
        #endregion
    }

    public static async Task HandleAsync(HttpClient http, Uri uri, CancellationToken cancellationToken)
    {
        #region RetryExceptions
        using var response = await http.GetAsync(uri, cancellationToken);
        if (response.Headers.RetryAfter?.Delta is { } after)
        {
            throw new RetryMessageException(after, "The service is busy.");
        }

        if (response.StatusCode == System.Net.HttpStatusCode.Accepted)
        {
            throw new DeferMessageException(TimeSpan.FromMinutes(10), "The report is not ready yet.");
        }
        #endregion
    }
}
