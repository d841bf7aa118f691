// The blueprint's redirect function: the baseline that bench-redirect compares with. It reads the link, sends the
// visitor on, and leaves three counters to be raised while it answers: nobody waits for them.
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";

const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));

const increment = (TableName, Key, counter) =>
  documents.send(
    new UpdateCommand({
      TableName,
      Key,
      UpdateExpression: `ADD ${counter} :inc`,
      ExpressionAttributeValues: { ":inc": 1 },
    }),
  );

export const handler = async (event) => {
  const shortCode = event.pathParameters?.id;
  const found = await documents.send(
    new GetCommand({ TableName: "UrlShortener", Key: { id: shortCode }, ProjectionExpression: "originalUrl,userId" }),
  );
  if (!found.Item) return { statusCode: 404, body: "Not found" };
  const { originalUrl, userId } = found.Item;
  const date = new Date().toISOString().slice(0, 10);
  Promise.all([
    increment("UrlShortener", { id: shortCode }, "clicks"),
    increment("DailyStats", { shortCode, date }, "clicks"),
    increment("User", { userId }, "totalClicks"),
  ]).catch((error) => console.error(error));
  return { statusCode: 301, headers: { Location: originalUrl }, body: "" };
};
