// Generated from spec/openapi.yaml by `npm run generate`. Do not edit.
"use strict";
export const Secret = validate21;

function validate21(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((data.id === undefined) && (missing0 = "id")) || ((data.tag === undefined) && (missing0 = "tag"))){
validate21.errors = [{instancePath,params:{missingProperty: missing0}}];
return false;
}
else {
const _errs1 = errors;
for(const key0 in data){
if(!(((key0 === "id") || (key0 === "tag")) || (key0 === "name"))){
delete data[key0];
}
}
if(_errs1 === errors){
if(data.id !== undefined){
const _errs2 = errors;
if(typeof data.id !== "string"){
validate21.errors = [{instancePath:instancePath+"/id",params:{type: "string"}}];
return false;
}
var valid0 = _errs2 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.tag !== undefined){
const _errs4 = errors;
if(typeof data.tag !== "string"){
validate21.errors = [{instancePath:instancePath+"/tag",params:{type: "string"}}];
return false;
}
var valid0 = _errs4 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.name !== undefined){
const _errs6 = errors;
if(typeof data.name !== "string"){
validate21.errors = [{instancePath:instancePath+"/name",params:{type: "string"}}];
return false;
}
var valid0 = _errs6 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
else {
validate21.errors = [{instancePath,params:{type: "object"}}];
return false;
}
}
validate21.errors = vErrors;
return errors === 0;
}

export const SecretPage = validate22;

function validate22(data, {instancePath=""}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((((data.page === undefined) && (missing0 = "page")) || ((data.secrets === undefined) && (missing0 = "secrets"))) || ((data.total === undefined) && (missing0 = "total"))) || ((data.totalPages === undefined) && (missing0 = "totalPages"))){
validate22.errors = [{instancePath,params:{missingProperty: missing0}}];
return false;
}
else {
const _errs1 = errors;
for(const key0 in data){
if(!((((key0 === "page") || (key0 === "secrets")) || (key0 === "total")) || (key0 === "totalPages"))){
delete data[key0];
}
}
if(_errs1 === errors){
if(data.page !== undefined){
let data0 = data.page;
const _errs2 = errors;
if(!(((typeof data0 == "number") && (!(data0 % 1) && !isNaN(data0))) && (isFinite(data0)))){
validate22.errors = [{instancePath:instancePath+"/page",params:{type: "integer"}}];
return false;
}
var valid0 = _errs2 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.secrets !== undefined){
let data1 = data.secrets;
const _errs4 = errors;
if(errors === _errs4){
if(Array.isArray(data1)){
var valid1 = true;
const len0 = data1.length;
for(let i0=0; i0<len0; i0++){
const _errs6 = errors;
if(!(validate21(data1[i0], {instancePath:instancePath+"/secrets/" + i0}))){
vErrors = vErrors === null ? validate21.errors : vErrors.concat(validate21.errors);
errors = vErrors.length;
}
var valid1 = _errs6 === errors;
if(!valid1){
break;
}
}
}
else {
validate22.errors = [{instancePath:instancePath+"/secrets",params:{type: "array"}}];
return false;
}
}
var valid0 = _errs4 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.total !== undefined){
let data3 = data.total;
const _errs7 = errors;
if(!(((typeof data3 == "number") && (!(data3 % 1) && !isNaN(data3))) && (isFinite(data3)))){
validate22.errors = [{instancePath:instancePath+"/total",params:{type: "integer"}}];
return false;
}
var valid0 = _errs7 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.totalPages !== undefined){
let data4 = data.totalPages;
const _errs9 = errors;
if(!(((typeof data4 == "number") && (!(data4 % 1) && !isNaN(data4))) && (isFinite(data4)))){
validate22.errors = [{instancePath:instancePath+"/totalPages",params:{type: "integer"}}];
return false;
}
var valid0 = _errs9 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
else {
validate22.errors = [{instancePath,params:{type: "object"}}];
return false;
}
}
validate22.errors = vErrors;
return errors === 0;
}
export const KNOWN_ERROR_TYPE = /^(?:BAD_REQUEST|ILLEGAL_ARGUMENT_ERROR|FORBIDDEN|NOT_FOUND|CONFLICT|REQUEST_TIMEOUT|UNHANDLED_EXCEPTION|UNCATEGORIZED|UNKNOWN_HOST|SERVICE_CREATOR|INTEGRATION_(?:MISSING|UNREGISTERED|UNSUPPORTED|GRAPHQL_ERROR|BAD_REQUEST|UNAUTHORIZED|FORBIDDEN|NOT_FOUND|UNPROCESSABLE_CONTENT|RATE_LIMITED|INTERNAL_ERROR|NOT_IMPLEMENTED|BAD_GATEWAY|UNAVAILABLE|GATEWAY_TIMEOUT|TIMED_OUT|CACHE_ERROR|UNHANDLED_HTTP_ERROR|UNHANDLED_EXCEPTION|UNEXPECTED_ERROR))$/;
