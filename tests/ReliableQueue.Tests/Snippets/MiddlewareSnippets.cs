using System.Globalization;
using Microsoft.Extensions.Logging;

namespace ReliableQueue.Tests.Snippets;

/// <summary>The code of docs/middleware.md.</summary>
internal static class MiddlewareSnippets
{
    #region DeliveryMiddleware
    public sealed class CultureMiddleware(ILogger<CultureMiddleware> log) : IDeliveryMiddleware
    {
        public async Task InvokeAsync(MessageContext context, DeliveryNext proceed, CancellationToken cancellationToken)
        {
            using var scope = log.BeginScope(context.Id);
            if (context.Headers.TryGetValue("culture", out var culture))
            {
                CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
            }

            await proceed(cancellationToken);
        }
    }
    #endregion

    public static void Configure(ReliableQueueBuilder worker)
    {
        #region UseMiddleware
        worker.Use<CultureMiddleware>();
        worker.UseOnEnqueue<CultureHeader>();
        #endregion
    }

    #region EnqueueMiddleware
    public sealed class CultureHeader : IEnqueueMiddleware
    {
        public void OnEnqueue(EnqueueContext context) => context.TryAddHeader("culture", CultureInfo.CurrentCulture.Name);
    }
    #endregion
}
